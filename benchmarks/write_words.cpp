// Writes text with Zipf's frequencies into files.
//   write_words FOLDER FILES BYTES     FILES files of BYTES together
//   write_words FOLDER words           one file with each of the words once

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include "word_text.hpp"

auto main(int argc, char** argv) -> int {
    using namespace sluice::benchmarks;
    try {
        if (argc == 4) {
            write_word_files(argv[1], std::stoul(argv[2]), std::stoul(argv[3]));
            return EXIT_SUCCESS;
        }
        if (argc == 3 && std::string_view(argv[2]) == "words") {
            std::filesystem::create_directories(argv[1]);
            word_text const text;
            std::ofstream out(std::filesystem::path(argv[1]) / "words.txt");
            out.exceptions(std::ios::failbit | std::ios::badbit);
            for (auto const& word : text.words()) out << word << '\n';
            return EXIT_SUCCESS;
        }
        std::cerr << "usage: write_words FOLDER FILES BYTES | write_words FOLDER words\n";
    } catch (std::exception const& error) {
        std::cerr << "write_words: " << error.what() << '\n';
    }
    return EXIT_FAILURE;
}
