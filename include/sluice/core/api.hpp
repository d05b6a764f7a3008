#pragma once

#if defined(__cplusplus) && __cplusplus < 202002L
    #error "sluice: this library needs C++20: g++ -std=c++20; in Meson default_options: ['cpp_std=c++20']"
#endif

// What is compiled is built with -fvisibility=hidden: a shared library shows its users what they need, and no more.

/// A function, or a class with functions, that the compiled library holds. It shows them where it is built as a shared
/// library. Users need say nothing, and so a library that takes in the static one shows nothing of it
/// (docs/design/packaging.md).
#if defined(SLUICE_BUILDS_SHARED)
    #define SLUICE_API __attribute__((visibility("default")))
#else
    #define SLUICE_API
#endif

/// A type that is thrown, and what it consists of: the same in all libraries of a program, whatever they hide of their
/// own, so that one catches what another throws.
#define SLUICE_THROWN __attribute__((visibility("default")))
