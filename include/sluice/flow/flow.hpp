#pragma once

// All of flows, and texts and their words, of which many begin. Sources begin a flow, steps and exchanges are piped on,
// and a terminal operation runs it:
//
//     auto counts = flow::from_lines(path)
//                 | flow::flat_map(sluice::words)
//                 | flow::partition()
//                 | flow::reduce(word_counts{}, count_word);
//     auto total = co_await flow::async_collect(counts, pool);

#include <sluice/flow/as_producer.hpp>
#include <sluice/flow/bodies.hpp>
#include <sluice/flow/csv.hpp>
#include <sluice/flow/describe.hpp>
#include <sluice/flow/errors.hpp>
#include <sluice/flow/exchange.hpp>
#include <sluice/flow/folder_options.hpp>
#include <sluice/flow/from_batches.hpp>
#include <sluice/flow/from_lines.hpp>
#include <sluice/flow/gather.hpp>
#include <sluice/flow/graph.hpp>
#include <sluice/flow/interval.hpp>
#include <sluice/flow/into.hpp>
#include <sluice/flow/join.hpp>
#include <sluice/flow/keyed.hpp>
#include <sluice/flow/launch.hpp>
#include <sluice/flow/map_async.hpp>
#include <sluice/flow/map_batch.hpp>
#include <sluice/flow/merge.hpp>
#include <sluice/flow/on_error.hpp>
#include <sluice/flow/pipeline.hpp>
#include <sluice/flow/reduce.hpp>
#include <sluice/flow/results.hpp>
#include <sluice/flow/retry.hpp>
#include <sluice/flow/run.hpp>
#include <sluice/flow/several.hpp>
#include <sluice/flow/sources.hpp>
#include <sluice/flow/stateful_steps.hpp>
#include <sluice/flow/steps.hpp>
#include <sluice/flow/stream.hpp>
#include <sluice/flow/through.hpp>
#include <sluice/flow/to_lines.hpp>
#include <sluice/flow/trigger.hpp>
#include <sluice/flow/window_join.hpp>
#include <sluice/flow/windows.hpp>
#include <sluice/text_hash.hpp>
#include <sluice/words.hpp>
