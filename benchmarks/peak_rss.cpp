#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>

#include "bench.hpp"

namespace sluice::benchmarks {
namespace {

auto failed(row const& work, way const& how, std::string const& why) -> std::runtime_error {
    return std::runtime_error(work.name + ", " + how.name + ", alone in a process: " + why);
}

// In the child: nothing of the parent's may be destroyed or written.
[[noreturn]] void run_and_leave(row const& work, way const& how) {
    int status = 1;
    try {
        if (how.run() == work.expected) status = 0;
    } catch (std::exception const& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
    ::_exit(status);
}

}  // namespace

auto peak_rss(row const& work, way const& how) -> std::uint64_t {
    ::malloc_trim(0);  // a child begins with the memory that its parent holds
    auto const child = ::fork();
    if (child < 0) throw failed(work, how, "cannot fork");
    if (child == 0) run_and_leave(work, how);
    int status = 0;
    ::rusage used{};
    if (::wait4(child, &status, 0, &used) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw failed(work, how, "it failed, or its answer is wrong");
    return static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
}

}  // namespace sluice::benchmarks
