// The Java client as an actor: usage: Actor HOST:PORT. README.md has the vocabulary of commands and answers.
import java.io.*;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.*;

public class Actor implements ConsumerRebalanceListener {
  static final Map<String, String> ASSIGNORS = Map.of("range", RangeAssignor.class.getName(),
      "roundrobin", RoundRobinAssignor.class.getName(), "sticky", StickyAssignor.class.getName(),
      "cooperative-sticky", CooperativeStickyAssignor.class.getName());
  final Properties common = new Properties();
  final Map<String, KafkaProducer<String, String>> producers = new HashMap<>();
  final SortedSet<Integer> owned = new TreeSet<>();
  final Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
  Admin admin;
  KafkaConsumer<String, String> consumer;
  String topic;

  static synchronized void say(Object... words) {
    StringJoiner line = new StringJoiner(" ");
    for (Object word : words) line.add(String.valueOf(word).replace('\n', ' '));
    System.out.println(line);
  }

  Admin admin() { return admin == null ? admin = Admin.create(common) : admin; }

  Properties with(String... settings) {
    Properties all = new Properties();
    all.putAll(common);
    for (int i = 0; i < settings.length; i += 2) all.put(settings[i], settings[i + 1]);
    return all;
  }

  void produce(String topic, int first, int count, String codec) throws Exception {
    KafkaProducer<String, String> producer = producers.computeIfAbsent(codec, name -> new KafkaProducer<>(
        with("compression.type", name, "linger.ms", "5"), new StringSerializer(), new StringSerializer()));
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (int n = first; n < first + count; n++) {
      int number = n;
      sent.add(producer.send(new ProducerRecord<>(topic, "key-" + n % 20, "" + n), (where, problem) -> {
        if (problem == null) say("sent", where.partition(), where.offset(), number);
      }));
    }
    for (Future<RecordMetadata> each : sent) each.get(110, TimeUnit.SECONDS);
  }

  void join(String group, String topic, String instance, String assignor, String sessionMs) {
    Properties settings = with("group.id", group, "enable.auto.commit", "false", "auto.offset.reset", "earliest",
        "session.timeout.ms", sessionMs, "heartbeat.interval.ms", "500", "fetch.max.wait.ms", "100",
        "partition.assignment.strategy", ASSIGNORS.get(assignor));
    if (!instance.equals("-")) settings.put("group.instance.id", instance);
    this.topic = topic;
    consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    consumer.subscribe(List.of(topic), this);
  }

  @Override public void onPartitionsAssigned(Collection<TopicPartition> some) {
    for (TopicPartition each : some) owned.add(each.partition());
    sayOwned();
  }

  @Override public void onPartitionsRevoked(Collection<TopicPartition> some) {
    for (TopicPartition each : some) owned.remove(each.partition());
    positions.keySet().removeAll(some);
    sayOwned();
  }

  void sayOwned() {
    List<Object> words = new ArrayList<>(List.of("assigned"));
    words.addAll(owned);
    say(words.toArray());
  }

  void read() {
    for (ConsumerRecord<String, String> found : consumer.poll(Duration.ofMillis(100))) {
      positions.put(new TopicPartition(topic, found.partition()), new OffsetAndMetadata(found.offset() + 1));
      say("record", found.partition(), found.offset(), found.key(), found.value());
    }
  }

  Map<TopicPartition, OffsetAndMetadata> sayPositions() {
    positions.forEach((where, offset) -> say("position", where.partition(), offset.offset()));
    return new HashMap<>(positions);
  }

  void leave() {
    consumer.close();
    consumer = null;
    owned.clear();
    positions.clear();
  }

  TopicPartition partition(String number) { return new TopicPartition(topic, Integer.parseInt(number)); }

  void obey(String[] words) throws Exception {
    switch (words[0]) {
      case "create" -> admin().createTopics(List.of(new NewTopic(words[1], Integer.parseInt(words[2]), (short) 1)))
          .all().get();
      case "produce" -> produce(words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]), words[4]);
      case "join" -> join(words[1], words[2], words[3], words[4], words[5]);
      case "commit" -> consumer.commitSync(sayPositions());
      case "commit-async" -> consumer.commitAsync(sayPositions(), null);
      case "seek" -> consumer.seek(partition(words[1]), Long.parseLong(words[2]));
      case "pause" -> consumer.pause(List.of(partition(words[1])));
      case "resume" -> consumer.resume(List.of(partition(words[1])));
      case "leave" -> leave();
      case "groups" -> admin().listConsumerGroups().all().get().forEach(group -> say("group", group.groupId()));
      case "describe" -> {
        var found = admin().describeConsumerGroups(List.of(words[1])).all().get().get(words[1]);
        say("state", found.state().name(), found.members().size());
      }
      case "committed" -> admin().listConsumerGroupOffsets(words[1]).partitionsToOffsetAndMetadata().get()
          .forEach((where, offset) -> say("committed", where.partition(), offset.offset()));
      case "delete-group" -> admin().deleteConsumerGroups(List.of(words[1])).all().get();
      default -> { say("absent"); return; }
    }
    say("done");
  }

  void run() throws Exception {
    BlockingQueue<String> commands = new LinkedBlockingQueue<>();
    Thread listener = new Thread(() -> {
      try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in))) {
        for (String line; (line = lines.readLine()) != null; ) commands.add(line);
      } catch (IOException closed) { /* the end, too */ }
      commands.add("");
    });
    listener.setDaemon(true);
    listener.start();
    while (true) {
      String line = consumer == null ? commands.take() : commands.poll();
      if ("".equals(line)) System.exit(0);
      try {
        if (line == null) read(); else obey(line.split(" "));
      } catch (Exception problem) {
        say(line == null ? "trouble" : "failed", problem);
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    Actor actor = new Actor();
    actor.common.put("bootstrap.servers", arguments[0]);
    actor.common.put("reconnect.backoff.max.ms", "500");
    actor.run();
  }
}
