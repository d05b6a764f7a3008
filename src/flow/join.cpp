#include <boost/system/system_error.hpp>
#include <sluice/detail/flow/join.hpp>
#include <sluice/errc.hpp>
#include <string>

namespace sluice::detail {

void throw_join_full(std::size_t bound) {
    throw boost::system::system_error(make_error_code(errc::join_full),
                                      "join_options::max_buffered is " + std::to_string(bound));
}

void throw_needs_optionals() {
    throw_invalid_option(
        "flow::bounded_join: a join that is not inner needs a function of two optionals, for there may be no partner");
}

}  // namespace sluice::detail
