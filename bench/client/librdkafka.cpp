#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "client_load.h"

namespace bench {
namespace {

[[noreturn]] void die(const char* why) {
  std::fprintf(stderr, "librdkafka: %s\n", why);
  std::exit(1);
}

rd_kafka_conf_t* settings_of(const load& work) {
  rd_kafka_conf_t* all = rd_kafka_conf_new();
  char why[512];
  auto settings = work.settings;
  settings["bootstrap.servers"] = work.brokers;
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(all, name.c_str(), value.c_str(), why, sizeof(why)) != RD_KAFKA_CONF_OK) {
      die(why);
    }
  }
  return all;
}

rd_kafka_t* open(rd_kafka_type_t type, rd_kafka_conf_t* settings) {
  char why[512];
  rd_kafka_t* client = rd_kafka_new(type, settings, why, sizeof(why));
  return client != nullptr ? client : (die(why), nullptr);
}

}  // namespace

long long produce_theirs(const load& work) {
  rd_kafka_t* to = open(RD_KAFKA_PRODUCER, settings_of(work));
  rd_kafka_topic_t* topic = rd_kafka_topic_new(to, work.topic.c_str(), nullptr);
  for (long long i = 0; i < work.records; ++i) {
    while (rd_kafka_produce(topic, static_cast<std::int32_t>(i % work.partitions),
                            RD_KAFKA_MSG_F_COPY, const_cast<char*>(work.value(i).data()),
                            work.bytes, nullptr, 0, nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        die(rd_kafka_err2str(rd_kafka_last_error()));
      }
      rd_kafka_poll(to, 1);
    }
  }
  const bool is_done = rd_kafka_flush(to, 60'000) == RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(to);
  return is_done ? work.records : 0;
}

// The batched call of the older interface, the cheapest that there is.
long long consume_theirs(const load& work) {
  rd_kafka_conf_t* settings = settings_of(work);
  rd_kafka_t* from = open(RD_KAFKA_CONSUMER, settings);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(from, work.topic.c_str(), nullptr);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(from);
  for (int i = 0; i < work.partitions; ++i) {
    if (rd_kafka_consume_start_queue(topic, i, RD_KAFKA_OFFSET_BEGINNING, queue) != 0) {
      die("cannot start");
    }
  }
  std::vector<rd_kafka_message_t*> some(500);
  long long got = 0;
  std::size_t bytes = 0;
  while (got < work.records) {
    const ssize_t count = rd_kafka_consume_batch_queue(queue, 10'000, some.data(), some.size());
    if (count <= 0) {
      break;
    }
    for (ssize_t i = 0; i < count; ++i) {
      bytes += some[i]->err == 0 ? some[i]->len : 0;
      got += some[i]->err == 0 ? 1 : 0;
      rd_kafka_message_destroy(some[i]);
    }
  }
  return bytes == static_cast<std::size_t>(got) * work.bytes ? got : 0;
}

// The call that most programs use.
long long poll_theirs(const load& work) {
  load with_group = work;
  with_group.settings["group.id"] = "bench";
  with_group.settings["enable.auto.commit"] = "false";
  rd_kafka_t* from = open(RD_KAFKA_CONSUMER, settings_of(with_group));
  rd_kafka_poll_set_consumer(from);
  rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(work.partitions);
  for (int i = 0; i < work.partitions; ++i) {
    rd_kafka_topic_partition_list_add(all, work.topic.c_str(), i)->offset = 0;
  }
  rd_kafka_assign(from, all);
  rd_kafka_topic_partition_list_destroy(all);
  long long got = 0;
  std::size_t bytes = 0;
  while (got < work.records) {
    rd_kafka_message_t* const message = rd_kafka_consumer_poll(from, 10'000);
    if (message == nullptr) {
      break;
    }
    bytes += message->err == 0 ? message->len : 0;
    got += message->err == 0 ? 1 : 0;
    rd_kafka_message_destroy(message);
  }
  return bytes == static_cast<std::size_t>(got) * work.bytes ? got : 0;
}

void latency_theirs(const load& work, latencies& found) {
  rd_kafka_conf_t* settings = settings_of(work);
  rd_kafka_conf_set_opaque(settings, &found);
  rd_kafka_conf_set_dr_msg_cb(settings, [](rd_kafka_t*, const rd_kafka_message_t* done, void* to) {
    const auto number = reinterpret_cast<std::intptr_t>(done->_private);
    if (done->err == 0 && number > 0) {
      static_cast<latencies*>(to)->delivered(number - 1);
    }
  });
  rd_kafka_t* to = open(RD_KAFKA_PRODUCER, settings);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(to, work.topic.c_str(), nullptr);
  const auto produce = [&](int partition, const std::string& value, std::intptr_t number) {
    if (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()),
                         value.size(), nullptr, 0, reinterpret_cast<void*>(number)) != 0) {
      std::fprintf(stderr, "%s\n", rd_kafka_err2str(rd_kafka_last_error()));
    }
  };
  produce(0, "first", 0);
  rd_kafka_flush(to, 10'000);
  found = latencies(work);
  std::atomic<bool> is_done = false;
  std::thread hears([&] {
    while (!is_done) {
      rd_kafka_poll(to, 100);
    }
  });
  for (long long i = 0; i < work.records; ++i) {
    found.wait_for(i);
    produce(static_cast<int>(i % work.partitions), work.value(i), i + 1);
  }
  while (rd_kafka_outq_len(to) > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  is_done = true;
  hears.join();
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(to);
}

}  // namespace bench
