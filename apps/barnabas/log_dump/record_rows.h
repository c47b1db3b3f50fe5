// Records of batches as `log dump --records` and `decode records` print them: a table for people, a
// JSON object a line for scripts. Records of internal topics are decoded, control records named.
#pragma once

#include <string>

#include "base/topic_partition.h"
#include "frame/failure.h"
#include "frame/table.h"
#include "record/batch_view.h"
#include "record/record_reader.h"

namespace barnabas::app {

class record_rows {
 public:
  // `topic` decides how records are decoded; empty: as bytes.
  record_rows(output& to, topic_partition partition, bool is_json);
  // The failure names what is broken in the batch.
  outcome<> add(record::batch_view batch);
  // Prints what is left.
  void finish();

 private:
  void add(const record::batch_view& batch, const record::record_view& record);
  void print(std::int64_t offset, std::int64_t timestamp, std::string_view type, cell key,
             cell value);
  void print_data(const record::record_view& record);

  output& to_;
  topic_partition partition_;
  bool is_json_;
  table rows_;
};

}  // namespace barnabas::app
