// MISTAKE: the handler of `async_run` takes an error code
// EXPECT: sluice::async_run: the handler is called with a std::exception_ptr, which is null when nothing has failed
// INSTEAD: `sluice::async_run(groups, storing, [](std::exception_ptr error) { … });`
#include <sluice/sluice.hpp>

void start(sluice::consumer<int>& storing) {
    sluice::async_run(storing, [](boost::system::error_code) {});
}
