// EXPECT: sluice::csv_row::as<T>: T must be a type of numbers. For the text take row.at(column).
#include <sluice/csv.hpp>

auto name_of(sluice::csv_row const& row) { return row.as<sluice::text>("name"); }
