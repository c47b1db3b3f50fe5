// A segment file batch by batch, or record by record.
#pragma once

#include <string>

#include "base/topic_partition.h"
#include "frame/failure.h"

namespace barnabas::app {

struct dump_choice {
  bool shows_records = false;
  bool is_json = false;
};

// `partition` is what the folder's name says; its topic decides how records are decoded. Fails
// where the file breaks, after all before it, and when a batch has a wrong CRC, after all of it.
outcome<> dump_segment(const std::string& path, const topic_partition& partition,
                       const dump_choice& choice);

}  // namespace barnabas::app
