// The Java producer and consumer: usage: Clients HOST:PORT PREFIX. One line a scenario: `ok NAME` or `FAILED NAME why`.
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.header.*;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.*;

public class Clients {
  static final int COUNT = 3000;
  static final long FIRST_MS = System.currentTimeMillis() - 100_000;
  static String servers, prefix;
  static boolean failed;

  interface Scenario { void run(String topic) throws Exception; }

  static void scenario(String name, Scenario body) {
    try {
      body.run(prefix + "-" + name);
      System.out.println("ok " + name);
    } catch (Throwable problem) {
      failed = true;
      System.out.println("FAILED " + name + " " + problem.toString().replace('\n', ' '));
    }
  }

  static void same(Object found, Object wanted, String what) {
    if (!Objects.deepEquals(found, wanted)) {
      throw new AssertionError(what + ": found " + found + ", wanted " + wanted);
    }
  }

  static byte[] bytes(String text) { return text == null ? null : text.getBytes(StandardCharsets.UTF_8); }

  // The records every client of this folder writes: null keys, null and empty values, headers, times 10 ms apart.
  static ProducerRecord<byte[], byte[]> record(String topic, int n) {
    byte[] key = n % 5 == 0 ? null : bytes("key-" + n);
    byte[] value = n % 7 == 0 ? null : n % 11 == 0 ? new byte[0] : bytes(("value-" + n + " ").repeat(n % 40 + 1));
    List<Header> headers = n % 3 != 0 ? List.of() : List.of(new RecordHeader("n", bytes("" + n)),
        new RecordHeader("n", bytes("again")), new RecordHeader("empty", new byte[0]), new RecordHeader("null", null));
    return new ProducerRecord<>(topic, 0, FIRST_MS + 10L * n, key, value, headers);
  }

  static void check(ConsumerRecord<byte[], byte[]> found, int n) {
    ProducerRecord<byte[], byte[]> wanted = record(found.topic(), n);
    same(found.offset(), (long) n, "offset");
    same(found.timestamp(), wanted.timestamp(), "timestamp of " + n);
    same(found.key(), wanted.key(), "key of " + n);
    same(found.value(), wanted.value(), "value of " + n);
    same(Arrays.asList(found.headers().toArray()), Arrays.asList(wanted.headers().toArray()), "headers of " + n);
  }

  static KafkaProducer<byte[], byte[]> producer(String... settings) {
    return new KafkaProducer<>(properties(settings), new ByteArraySerializer(), new ByteArraySerializer());
  }

  static KafkaConsumer<byte[], byte[]> consumer(String topic, String... settings) {
    Properties all = properties(settings);
    all.putIfAbsent("auto.offset.reset", "earliest");
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.assign(List.of(new TopicPartition(topic, 0)));
    return consumer;
  }

  static Properties properties(String... settings) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", servers);
    for (int i = 0; i < settings.length; i += 2) properties.put(settings[i], settings[i + 1]);
    return properties;
  }

  static void write(String topic, int count, String... settings) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = producer(settings)) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int n = 0; n < count; n++) sent.add(producer.send(record(topic, n)));
      producer.flush();
      for (int n = 0; n < count; n++) same(sent.get(n).get().offset(), (long) n, "acknowledged offset");
    }
  }

  static void read(KafkaConsumer<byte[], byte[]> consumer, int first, int last) {
    long until = System.currentTimeMillis() + 30_000;
    int next = first;
    while (next < last) {
      for (ConsumerRecord<byte[], byte[]> found : consumer.poll(Duration.ofMillis(500))) {
        if (next < last) check(found, next++);
      }
      if (System.currentTimeMillis() > until) throw new AssertionError("only " + next + " records after 30 s");
    }
  }

  static void codec(String topic, String codec) throws Exception {
    write(topic, COUNT, "compression.type", codec, "linger.ms", "5");
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(topic)) {
      read(consumer, 0, COUNT);
    }
  }

  static void seek(String topic) throws Exception {
    write(topic, COUNT);
    TopicPartition partition = new TopicPartition(topic, 0);
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(topic)) {
      for (int offset : new int[] {COUNT / 2, 7, COUNT - 1}) {
        consumer.seek(partition, offset);
        read(consumer, offset, Math.min(offset + 50, COUNT));
      }
      same(consumer.beginningOffsets(List.of(partition)), Map.of(partition, 0L), "beginning");
      same(consumer.endOffsets(List.of(partition)), Map.of(partition, (long) COUNT), "end");
      OffsetAndTimestamp found =
          consumer.offsetsForTimes(Map.of(partition, FIRST_MS + 10L * 1234 - 3)).get(partition);
      same(found.offset(), 1234L, "offset by time");
      same(found.timestamp(), FIRST_MS + 12340, "time found");
      consumer.seek(partition, found.offset());
      read(consumer, 1234, 1300);
      same(consumer.offsetsForTimes(Map.of(partition, FIRST_MS + 10_000_000)).get(partition), null, "after the end");
    }
  }

  static void outOfRange(String topic) throws Exception {
    write(topic, 10);
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(topic, "auto.offset.reset", "none")) {
      consumer.seek(new TopicPartition(topic, 0), 5000);
      try {
        for (int i = 0; i < 20; i++) consumer.poll(Duration.ofMillis(500));
        throw new AssertionError("no error");
      } catch (org.apache.kafka.clients.consumer.OffsetOutOfRangeException expected) {
        same(expected.partitions(), Set.of(new TopicPartition(topic, 0)), "partition");
      }
    }
  }

  static void limits(String topic) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = producer("max.request.size", "3000000")) {
      byte[] large = new byte[900_000];
      new Random(4).nextBytes(large);
      same(producer.send(new ProducerRecord<>(topic, 0, null, large)).get().offset(), 0L, "large record");
      try {
        producer.send(new ProducerRecord<>(topic, 0, null, new byte[2_000_000])).get();
        throw new AssertionError("a record above the limit was taken");
      } catch (ExecutionException expected) {
        same(expected.getCause().getClass(), RecordTooLargeException.class, "error");
      }
      try (KafkaConsumer<byte[], byte[]> consumer = consumer(topic, "max.partition.fetch.bytes", "1000")) {
        ConsumerRecords<byte[], byte[]> found = ConsumerRecords.empty();
        for (int i = 0; i < 20 && found.isEmpty(); i++) found = consumer.poll(Duration.ofMillis(500));
        same(found.iterator().next().value(), large, "a record above the fetch limit");
      }
    }
  }

  static void admin(String topic) throws Exception {
    try (Admin admin = Admin.create(properties())) {
      NewTopic wanted = new NewTopic(topic, 3, (short) 1).configs(Map.of("retention.ms", "12345678"));
      CreateTopicsResult created = admin.createTopics(List.of(wanted));
      same(created.numPartitions(topic).get(), 3, "partitions");
      Uuid id = created.topicId(topic).get();
      same(admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).topicId(), id, "topic id");
      admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(5))).all().get();
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      admin.incrementalAlterConfigs(Map.of(resource, List.of(
          new AlterConfigOp(new ConfigEntry("segment.bytes", "2000000"), AlterConfigOp.OpType.SET),
          new AlterConfigOp(new ConfigEntry("retention.ms", ""), AlterConfigOp.OpType.DELETE)))).all().get();
      Config config = null;
      for (int i = 0; i < 100; i++) {
        config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
        if (config.get("segment.bytes").value().equals("2000000")) break;
        Thread.sleep(50);
      }
      same(config.get("segment.bytes").value(), "2000000", "segment.bytes");
      same(config.get("retention.ms").isDefault(), true, "retention.ms is the default again");
      same(admin.describeCluster().nodes().get().size(), 1, "nodes");
      admin.deleteTopics(List.of(topic)).all().get();
      for (int i = 0; i < 100 && admin.listTopics().names().get().contains(topic); i++) Thread.sleep(50);
      same(admin.listTopics().names().get().contains(topic), false, "deleted");
    }
  }

  static void deleteRecords(String topic) throws Exception {
    write(topic, 100);
    TopicPartition partition = new TopicPartition(topic, 0);
    try (Admin admin = Admin.create(properties()); KafkaConsumer<byte[], byte[]> consumer = consumer(topic)) {
      long low = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(40))).lowWatermarks()
          .get(partition).get().lowWatermark();
      same(low, 40L, "low watermark");
      read(consumer, 40, 100);
    }
  }

  public static void main(String[] arguments) {
    servers = arguments[0];
    prefix = arguments[1];
    for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
      scenario(codec, topic -> codec(topic, codec));
    }
    scenario("seek-offset-time", Clients::seek);
    scenario("out-of-range", Clients::outOfRange);
    scenario("limits", Clients::limits);
    scenario("admin", Clients::admin);
    scenario("delete-records", Clients::deleteRecords);
    scenario("acks-1", topic -> { write(topic, COUNT, "acks", "1", "enable.idempotence", "false");
      try (KafkaConsumer<byte[], byte[]> consumer = consumer(topic)) { read(consumer, 0, COUNT); } });
    System.exit(failed ? 1 : 0);
  }
}
