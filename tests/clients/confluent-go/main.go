// confluent-kafka-go (librdkafka, bundled): usage: client HOST:PORT PREFIX, or client HOST:PORT actor.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

const tellsNulls = true

type confluent struct {
	member
	servers   string
	admin     *kafka.AdminClient
	producers map[string]*kafka.Producer
	consumer  *kafka.Consumer
	stop      chan struct{}
	stopped   chan struct{}
}

func (c *confluent) settings(more kafka.ConfigMap) *kafka.ConfigMap {
	all := kafka.ConfigMap{"bootstrap.servers": c.servers, "log_level": 0, "reconnect.backoff.max.ms": 1000}
	for name, value := range more {
		all[name] = value
	}
	return &all
}

func within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 110*time.Second)
}

func (c *confluent) create(topic string, partitions int) error {
	ctx, cancel := within()
	defer cancel()
	result, err := c.admin.CreateTopics(ctx, []kafka.TopicSpecification{{Topic: topic, NumPartitions: partitions,
		ReplicationFactor: 1}})
	if err == nil && result[0].Error.Code() != kafka.ErrNoError {
		err = result[0].Error
	}
	return err
}

func (c *confluent) produce(topic string, first, count int, codec string) error {
	var messages []*kafka.Message
	for n := first; n < first+count; n++ {
		where := kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny}
		messages = append(messages, &kafka.Message{TopicPartition: where, Key: key(n), Value: value(n)})
	}
	return c.deliver(codec, messages, func(m *kafka.Message) {
		say("sent", m.TopicPartition.Partition, m.TopicPartition.Offset, string(m.Value))
	})
}

func (c *confluent) deliver(codec string, messages []*kafka.Message, sent func(*kafka.Message)) (err error) {
	if c.producers[codec] == nil {
		settings := kafka.ConfigMap{"enable.idempotence": true, "compression.type": codec, "linger.ms": 5}
		if c.producers[codec], err = kafka.NewProducer(c.settings(settings)); err != nil {
			return err
		}
	}
	delivered := make(chan kafka.Event, len(messages))
	for _, message := range messages {
		if err := c.producers[codec].Produce(message, delivered); err != nil {
			return err
		}
	}
	for range messages {
		select {
		case event := <-delivered:
			m := event.(*kafka.Message)
			if m.TopicPartition.Error != nil {
				return m.TopicPartition.Error
			}
			sent(m)
		case <-time.After(110 * time.Second):
			return errors.New("no acknowledgement for 110 s")
		}
	}
	return nil
}

func (c *confluent) join(group, topic, instance, assignor string, session time.Duration) (err error) {
	c.reset(topic)
	settings := kafka.ConfigMap{"group.id": group, "enable.auto.commit": false, "auto.offset.reset": "earliest",
		"session.timeout.ms": int(session.Milliseconds()), "heartbeat.interval.ms": 500, "fetch.wait.max.ms": 100,
		"partition.assignment.strategy": assignor}
	if instance != "" {
		settings["group.instance.id"] = instance
	}
	if c.consumer, err = kafka.NewConsumer(c.settings(settings)); err != nil {
		return err
	}
	if err = c.consumer.Subscribe(topic, c.rebalanced); err != nil {
		return err
	}
	c.stop, c.stopped = make(chan struct{}), make(chan struct{})
	go c.poll()
	return nil
}

func (c *confluent) rebalanced(_ *kafka.Consumer, event kafka.Event) error {
	change := func(owns bool, some []kafka.TopicPartition) {
		var partitions []int
		for _, each := range some {
			partitions = append(partitions, int(each.Partition))
		}
		c.change(owns, partitions...)
	}
	switch e := event.(type) {
	case kafka.AssignedPartitions:
		change(true, e.Partitions)
	case kafka.RevokedPartitions:
		change(false, e.Partitions)
	}
	return nil
}

func (c *confluent) poll() {
	defer close(c.stopped)
	for {
		select {
		case <-c.stop:
			return
		default:
		}
		switch e := c.consumer.Poll(100).(type) {
		case *kafka.Message:
			if e.TopicPartition.Error == nil {
				c.read(int(e.TopicPartition.Partition), int64(e.TopicPartition.Offset), e.Key, e.Value)
			}
		case kafka.Error:
			say("trouble", e)
		}
	}
}

func (c *confluent) commit(async bool) error {
	if async {
		return errAbsent
	}
	var offsets []kafka.TopicPartition
	c.eachPosition(func(partition int, offset int64) {
		offsets = append(offsets, kafka.TopicPartition{Topic: &c.topic, Partition: int32(partition),
			Offset: kafka.Offset(offset)})
	})
	_, err := c.consumer.CommitOffsets(offsets)
	return err
}

func (c *confluent) seek(partition int, offset int64) error {
	where := kafka.TopicPartition{Topic: &c.topic, Partition: int32(partition), Offset: kafka.Offset(offset)}
	return c.consumer.Seek(where, 5000)
}

func (c *confluent) pause(partition int, on bool) error {
	if some := []kafka.TopicPartition{{Topic: &c.topic, Partition: int32(partition)}}; on {
		return c.consumer.Pause(some)
	} else {
		return c.consumer.Resume(some)
	}
}

func (c *confluent) leave() error {
	close(c.stop)
	<-c.stopped
	return c.consumer.Close()
}

func (c *confluent) groups() (names []string, err error) {
	ctx, cancel := within()
	defer cancel()
	found, err := c.admin.ListConsumerGroups(ctx)
	for _, group := range found.Valid {
		names = append(names, group.GroupID)
	}
	return names, err
}

func (c *confluent) describe(group string) (string, int, error) {
	ctx, cancel := within()
	defer cancel()
	found, err := c.admin.DescribeConsumerGroups(ctx, []string{group})
	if err != nil {
		return "", 0, err
	}
	one := found.ConsumerGroupDescriptions[0]
	return one.State.String(), len(one.Members), nil
}

func (c *confluent) committed(group, topic string) (map[int]int64, error) {
	ctx, cancel := within()
	defer cancel()
	found, err := c.admin.ListConsumerGroupOffsets(ctx, []kafka.ConsumerGroupTopicPartitions{{Group: group}})
	if err != nil {
		return nil, err
	}
	offsets := map[int]int64{}
	for _, each := range found.ConsumerGroupsTopicPartitions[0].Partitions {
		offsets[int(each.Partition)] = int64(each.Offset)
	}
	return offsets, nil
}

func (c *confluent) deleteGroup(group string) error {
	ctx, cancel := within()
	defer cancel()
	found, err := c.admin.DeleteConsumerGroups(ctx, []string{group})
	if err == nil && found.ConsumerGroupResults[0].Error.Code() != kafka.ErrNoError {
		err = found.ConsumerGroupResults[0].Error
	}
	return err
}

func main() {
	c := &confluent{servers: os.Args[1], producers: map[string]*kafka.Producer{}}
	var err error
	if c.admin, err = kafka.NewAdminClient(c.settings(nil)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if prefix := os.Args[2]; prefix != "actor" {
		compareRecords(confluentRecords{c}, prefix)
	} else {
		act(c)
	}
}
