// segmentio's kafka-go: usage: client HOST:PORT PREFIX, or client HOST:PORT actor.
package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/segmentio/kafka-go"
)

const tellsNulls = false // kafka-go reads both as nil

type segmentio struct {
	member
	client  *kafka.Client
	servers string
	group   *kafka.ConsumerGroup
	current *kafka.Generation
	stop    context.CancelFunc
	stopped chan struct{}
}

func within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 110*time.Second)
}

func (s *segmentio) create(topic string, partitions int) error {
	ctx, cancel := within()
	defer cancel()
	found, err := s.client.CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{Topic: topic,
		NumPartitions: partitions, ReplicationFactor: 1}}})
	if err != nil {
		return err
	}
	return found.Errors[topic]
}

func (s *segmentio) writer(topic, codec string) *kafka.Writer {
	codecs := map[string]kafka.Compression{"gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd}
	return &kafka.Writer{Addr: kafka.TCP(s.servers), Topic: topic, Balancer: &kafka.Hash{}, BatchSize: 100,
		BatchTimeout: 5 * time.Millisecond, RequiredAcks: kafka.RequireAll, Compression: codecs[codec], MaxAttempts: 100}
}

func (s *segmentio) produce(topic string, first, count int, codec string) error {
	writer := s.writer(topic, codec)
	writer.Completion = func(messages []kafka.Message, err error) {
		for _, m := range messages {
			if err == nil {
				say("sent", m.Partition, m.Offset, string(m.Value))
			}
		}
	}
	var messages []kafka.Message
	for n := first; n < first+count; n++ {
		messages = append(messages, kafka.Message{Key: key(n), Value: value(n)})
	}
	ctx, cancel := within()
	defer cancel()
	return errors.Join(writer.WriteMessages(ctx, messages...), writer.Close())
}

func (s *segmentio) join(group, topic, instance, assignor string, session time.Duration) (err error) {
	if assignor != "range" || instance != "" {
		return errAbsent
	}
	s.reset(topic)
	s.group, err = kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{ID: group, Brokers: []string{s.servers},
		Topics: []string{topic}, SessionTimeout: session, HeartbeatInterval: 500 * time.Millisecond,
		RebalanceTimeout: 10 * time.Second, StartOffset: kafka.FirstOffset, JoinGroupBackoff: 200 * time.Millisecond,
		GroupBalancers: []kafka.GroupBalancer{kafka.RangeGroupBalancer{}}})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop, s.stopped = stop, make(chan struct{})
	go func() {
		defer close(s.stopped)
		for ctx.Err() == nil {
			generation, err := s.group.Next(ctx)
			if err != nil {
				if ctx.Err() == nil {
					say("trouble", err)
				}
				continue
			}
			s.begin(generation, topic)
		}
	}()
	return nil
}

func (s *segmentio) begin(generation *kafka.Generation, topic string) {
	var partitions []int
	for _, each := range generation.Assignments[topic] {
		partitions = append(partitions, each.ID)
	}
	s.Lock()
	s.current = generation
	s.Unlock()
	s.change(true, partitions...)
	generation.Start(func(ctx context.Context) {
		<-ctx.Done()
		s.change(false, partitions...)
	})
	for _, each := range generation.Assignments[topic] {
		generation.Start(func(ctx context.Context) { s.consume(ctx, topic, each) })
	}
}

func (s *segmentio) consume(ctx context.Context, topic string, where kafka.PartitionAssignment) {
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{s.servers}, Topic: topic, Partition: where.ID,
		MaxWait: 100 * time.Millisecond, MaxBytes: 1 << 20})
	defer reader.Close()
	if err := reader.SetOffset(where.Offset); err != nil {
		say("trouble", err)
	}
	for ctx.Err() == nil {
		m, err := reader.ReadMessage(ctx)
		if err == nil {
			s.read(m.Partition, m.Offset, m.Key, m.Value)
		} else if ctx.Err() == nil {
			say("trouble", err)
		}
	}
}

func (s *segmentio) commit(async bool) error {
	if async {
		return errAbsent
	}
	offsets := map[int]int64{}
	s.eachPosition(func(partition int, offset int64) { offsets[partition] = offset })
	return s.current.CommitOffsets(map[string]map[int]int64{s.topic: offsets})
}

func (s *segmentio) seek(int, int64) error { return errAbsent }
func (s *segmentio) pause(int, bool) error { return errAbsent }

func (s *segmentio) leave() error {
	s.stop()
	err := s.group.Close()
	<-s.stopped
	return err
}

func (s *segmentio) groups() (names []string, err error) {
	ctx, cancel := within()
	defer cancel()
	found, err := s.client.ListGroups(ctx, &kafka.ListGroupsRequest{})
	if err != nil {
		return nil, err
	}
	for _, group := range found.Groups {
		names = append(names, group.GroupID)
	}
	return names, found.Error
}

func (s *segmentio) describe(group string) (string, int, error) {
	ctx, cancel := within()
	defer cancel()
	found, err := s.client.DescribeGroups(ctx, &kafka.DescribeGroupsRequest{GroupIDs: []string{group}})
	if err != nil {
		return "", 0, err
	}
	return found.Groups[0].GroupState, len(found.Groups[0].Members), found.Groups[0].Error
}

func (s *segmentio) committed(group, topic string) (map[int]int64, error) {
	ctx, cancel := within()
	defer cancel()
	found, err := s.client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: group})
	if err != nil {
		return nil, err
	}
	offsets := map[int]int64{}
	for _, each := range found.Topics[topic] {
		offsets[each.Partition] = each.CommittedOffset
	}
	return offsets, found.Error
}

func (s *segmentio) deleteGroup(group string) error {
	ctx, cancel := within()
	defer cancel()
	found, err := s.client.DeleteGroups(ctx, &kafka.DeleteGroupsRequest{GroupIDs: []string{group}})
	if err != nil {
		return err
	}
	return found.Errors[group]
}

func main() {
	client := &segmentio{servers: os.Args[1], client: &kafka.Client{Addr: kafka.TCP(os.Args[1])}}
	if prefix := os.Args[2]; prefix != "actor" {
		compareRecords(segmentioRecords{client}, prefix)
	} else {
		act(client)
	}
}
