#pragma once

#include <type_traits>

namespace sluice::flow {

/// Which files of a folder a flow reads that is given the folder. What is no regular file, or a link, is left out.
struct folder_options {
    /// Also those in the folders in it, at any depth. Links are not followed, so that nothing is read twice.
    bool is_recursive = false;
    /// Also files and folders whose names begin with a dot.
    bool with_hidden = false;
};
static_assert(std::is_trivially_destructible_v<folder_options>);

}  // namespace sluice::flow
