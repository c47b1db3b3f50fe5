// One request after the other on a blocking connection: what happens before and after a
// measurement.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace barnabas::bench {

class blocking_client {
 public:
  // Nothing when nobody listens on 127.0.0.1:`port` or the connection breaks; a later call connects
  // again. An answer may take 60 s.
  explicit blocking_client(int port) : port_(port) {}
  ~blocking_client();
  blocking_client(const blocking_client&) = delete;
  blocking_client& operator=(const blocking_client&) = delete;

  // `frame` with its length; the answer without its length.
  std::optional<std::vector<std::byte>> call(bytes_view frame);

 private:
  bool connect();

  int port_;
  int descriptor_ = -1;
};

// A frame on a blocking socket, and the next answer without its length; false when it breaks.
bool send_frame(int descriptor, bytes_view frame);
bool receive_frame(int descriptor, std::vector<std::byte>& answer);

// Creates the topic unless it is there; false when the broker is not up (yet). Any other refusal
// ends the program, or is false as well.
bool create_topic(blocking_client& client, const std::string& topic, std::int32_t partitions,
                  bool dies_on_refusal = true);
// Until every partition's leader answers, for 300 s at most.
void wait_until_served(blocking_client& client, const std::string& topic, std::int32_t partitions);
void delete_topic(blocking_client& client, const std::string& topic);
void alter_topic(blocking_client& client, const std::string& topic, const std::string& name,
                 const std::string& value);
// A new producer id, with epoch 0.
std::int64_t new_producer_id(blocking_client& client);

}  // namespace barnabas::bench
