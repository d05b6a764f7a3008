// An event collector: takes events over HTTP and over plain TCP, and answers when they are in a database. See
// README.md.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>

#include "options.hpp"
#include "server.hpp"

int main(int argc, char** argv) {
    constexpr int wrong_start = 2;
    spdlog::set_default_logger(spdlog::stderr_logger_mt("collector"));
    std::optional<collector::server> server;
    try {
        auto const with = collector::read_options(argc, argv);
        if (with.help) {
            collector::print_help(std::cout);
            return EXIT_SUCCESS;
        }
        server.emplace(with);
    } catch (collector::usage_error const& error) {
        std::cerr << "collector: " << error.what() << "; collector --help says more\n";
        return wrong_start;
    } catch (std::exception const& error) {
        std::cerr << "collector: " << error.what() << '\n';
        return wrong_start;
    }
    try {
        return server->run();
    } catch (std::exception const& error) {
        spdlog::critical("{}", error.what());
        return EXIT_FAILURE;
    }
}
