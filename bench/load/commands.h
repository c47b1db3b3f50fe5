// What bench_load can be told to do. Each prints one line of JSON on success and ends the program
// with a sentence otherwise. `port` is the server's on 127.0.0.1, `pid` its process.
#pragma once

#include "bench/load/options.h"

namespace barnabas::bench {

// Creates a topic (port, topic, partitions), deletes it (port, topic).
void run_create(const options& given);
void run_delete(const options& given);
// Produces, with readers at the end of the log beside it if wanted; see bench/README.md for keys.
void run_produce(const options& given);
// Reads from the beginning: port, pid, topic, partitions, readers, bytes (each), batch=, record=.
void run_fetch(const options& given);
// Tries until the server acknowledges a batch in every partition: port, topic, partitions,
// since (CLOCK_MONOTONIC in ns, from which the two times are counted).
void run_first(const options& given);
// Commits offsets of many groups: port, pid, topic, partitions, at_once (partitions a commit),
// groups, connections, depth, and either commits= or rate= seconds= (commits a second).
void run_commit(const options& given);
// Tries until a member has joined: port, group (its number), since.
void run_join(const options& given);
// Forms groups whose members each have a connection, and lets each send a heartbeat every three
// seconds: port, pid, groups, members (of each), seconds.
void run_heartbeat(const options& given);
// Creates a topic and fills its one partition with `records` records of `keys` keys in turn: port,
// topic, records, keys, value (bytes), segment (bytes).
void run_fill(const options& given);
// Gives a topic a setting: port, topic, name, value.
void run_alter(const options& given);

}  // namespace barnabas::bench
