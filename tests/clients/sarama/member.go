// sarama as an actor.
package main

import (
	"context"
	"strings"
	"time"

	"github.com/IBM/sarama"
)

type saramaActor struct {
	member
	servers string
	admin   sarama.ClusterAdmin
	group   sarama.ConsumerGroup
	session sarama.ConsumerGroupSession
	stop    context.CancelFunc
	stopped chan struct{}
}

func newSarama(servers string) (*saramaActor, error) {
	admin, err := sarama.NewClusterAdmin([]string{servers}, settings())
	return &saramaActor{servers: servers, admin: admin}, err
}

func settings() *sarama.Config {
	c := config()
	c.Producer.Partitioner = sarama.NewHashPartitioner
	c.Producer.Flush.Frequency = 5 * time.Millisecond
	c.Producer.Retry.Max, c.Producer.Retry.Backoff = 400, 200*time.Millisecond
	c.Metadata.Retry.Max = 400
	c.Admin.Retry.Max = 400
	c.Consumer.Return.Errors = true
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Offsets.AutoCommit.Enable = false
	c.Consumer.MaxWaitTime = 100 * time.Millisecond
	c.Consumer.Retry.Backoff = 200 * time.Millisecond
	c.Consumer.Group.Heartbeat.Interval = 500 * time.Millisecond
	return c
}

func (s *saramaActor) create(topic string, partitions int) error {
	return s.admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: int32(partitions), ReplicationFactor: 1}, false)
}

func (s *saramaActor) produce(topic string, first, count int, codec string) error {
	c := settings()
	if err := c.Producer.Compression.UnmarshalText([]byte(codec)); err != nil {
		return err
	}
	producer, err := sarama.NewAsyncProducer([]string{s.servers}, c)
	if err != nil {
		return err
	}
	defer producer.Close()
	go func() {
		for n := first; n < first+count; n++ {
			producer.Input() <- &sarama.ProducerMessage{Topic: topic, Key: sarama.ByteEncoder(key(n)),
				Value: sarama.ByteEncoder(value(n)), Metadata: n}
		}
	}()
	for i := 0; i < count; i++ {
		select {
		case m := <-producer.Successes():
			say("sent", m.Partition, m.Offset, m.Metadata)
		case err := <-producer.Errors():
			return err
		}
	}
	return nil
}

func (s *saramaActor) join(group, topic, instance, assignor string, session time.Duration) (err error) {
	s.reset(topic)
	c := settings()
	c.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategyRange()}
	if assignor == sarama.CooperativeStickyBalanceStrategyName {
		c.Consumer.Group.Rebalance.GroupStrategies[0] = sarama.NewBalanceStrategyCooperativeSticky()
	}
	c.Consumer.Group.InstanceId = instance
	c.Consumer.Group.Session.Timeout = session
	if s.group, err = sarama.NewConsumerGroup([]string{s.servers}, group, c); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop, s.stopped = stop, make(chan struct{})
	go func() {
		for err := range s.group.Errors() {
			say("trouble", err)
		}
	}()
	go func() {
		defer close(s.stopped)
		for ctx.Err() == nil {
			if err := s.group.Consume(ctx, []string{topic}, s); err != nil && ctx.Err() == nil {
				say("trouble", err)
				time.Sleep(200 * time.Millisecond)
			}
		}
	}()
	return nil
}

func (s *saramaActor) Setup(session sarama.ConsumerGroupSession) error {
	s.session = session
	return nil
}

func (s *saramaActor) Cleanup(sarama.ConsumerGroupSession) error { return nil }

// A session lives on over cooperative rebalances, its claims come and go.
func (s *saramaActor) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	s.change(true, int(claim.Partition()))
	defer s.change(false, int(claim.Partition()))
	for {
		select {
		case m, more := <-claim.Messages():
			if !more {
				return nil
			}
			s.read(int(m.Partition), m.Offset, m.Key, m.Value)
		case <-session.Context().Done():
			return nil
		}
	}
}

func (s *saramaActor) commit(async bool) error {
	if async {
		return errAbsent
	}
	s.eachPosition(func(partition int, offset int64) { s.session.MarkOffset(s.topic, int32(partition), offset, "") })
	s.session.Commit()
	return nil
}

func (s *saramaActor) seek(int, int64) error { return errAbsent }

func (s *saramaActor) pause(partition int, on bool) error {
	if some := map[string][]int32{s.topic: {int32(partition)}}; on {
		s.group.Pause(some)
	} else {
		s.group.Resume(some)
	}
	return nil
}

func (s *saramaActor) leave() error {
	s.stop()
	<-s.stopped
	return s.group.Close()
}

func (s *saramaActor) groups() (names []string, err error) {
	groups, err := s.admin.ListConsumerGroups()
	for name := range groups {
		names = append(names, name)
	}
	return names, err
}

func (s *saramaActor) describe(group string) (string, int, error) {
	found, err := s.admin.DescribeConsumerGroups([]string{group})
	if err != nil {
		return "", 0, err
	}
	return strings.ToUpper(found[0].State), len(found[0].Members), nil
}

func (s *saramaActor) committed(group, topic string) (map[int]int64, error) {
	found, err := s.admin.ListConsumerGroupOffsets(group, nil)
	if err != nil {
		return nil, err
	}
	offsets := map[int]int64{}
	for partition, block := range found.Blocks[topic] {
		offsets[int(partition)] = block.Offset
	}
	return offsets, nil
}

func (s *saramaActor) deleteGroup(group string) error { return s.admin.DeleteConsumerGroup(group) }
