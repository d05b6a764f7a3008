#pragma once

// All that stages need. Apart stand flows (sluice/flow/flow.hpp), the simulator (sluice/testing/testing.hpp), texts and
// their words (text.hpp, text_hash.hpp, words.hpp: with flows these come too), files (line_reader.hpp), comma-separated
// values (csv.hpp) and progress bars (progress.hpp).

#include <sluice/core/api.hpp>  // says what to do when the compiler is not set to C++20

#include <sluice/batch.hpp>
#include <sluice/batcher.hpp>
#include <sluice/buffer.hpp>
#include <sluice/consumer.hpp>
#include <sluice/consumer_supervisor.hpp>
#include <sluice/discard.hpp>
#include <sluice/dispatcher/broadcast_dispatcher.hpp>
#include <sluice/dispatcher/demand_dispatcher.hpp>
#include <sluice/dispatcher/partition_dispatcher.hpp>
#include <sluice/dispatcher/weighted_dispatcher.hpp>
#include <sluice/emission.hpp>
#include <sluice/end_reason.hpp>
#include <sluice/errc.hpp>
#include <sluice/executor_arg.hpp>
#include <sluice/fan_out.hpp>
#include <sluice/from.hpp>
#include <sluice/from_range.hpp>
#include <sluice/inlet.hpp>
#include <sluice/intake.hpp>
#include <sluice/options.hpp>
#include <sluice/outlet.hpp>
#include <sluice/peer.hpp>
#include <sluice/producer.hpp>
#include <sluice/producer_consumer.hpp>
#include <sluice/run.hpp>
#include <sluice/shared_batch.hpp>
#include <sluice/snapshot.hpp>
#include <sluice/stage.hpp>
#include <sluice/stage_group.hpp>
#include <sluice/stage_stats.hpp>
#include <sluice/stream.hpp>
#include <sluice/subscription.hpp>
#include <sluice/supervisor.hpp>
#include <sluice/thread_pool.hpp>
#include <sluice/throttle.hpp>
