2026-11-30 15:19:22.425 INFO  [storage] opened log directories logs=1 recovered_logs=0 offline_directories=0 took_ms=6
2026-11-30 15:19:22.436 INFO  [cluster] this broker is the controller broker=0 controller_epoch=2 cluster_id=Pxq3PGYgQVm5tJYTdW74lw topics=1
2026-11-30 15:19:22.436 INFO  [broker] listening address=PLAINTEXT://127.0.0.1:19805
2026-11-30 15:19:22.436 INFO  [broker] started version=0.1.0 shards=2 took_ms=18
2026-11-30 15:19:30.608 INFO  [broker] stopping
2026-11-30 15:19:30.755 INFO  [broker] stopped took_ms=146
