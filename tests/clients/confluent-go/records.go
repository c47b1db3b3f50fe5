package main

import (
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

type confluentRecords struct{ *confluent }

func (c confluentRecords) write(topic, codec string, records []record) (offsets []int64, err error) {
	var messages []*kafka.Message
	for _, r := range records {
		m := &kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic}, Timestamp: r.time, Key: r.key,
			Value: r.value}
		for _, h := range r.headers {
			m.Headers = append(m.Headers, kafka.Header{Key: h.key, Value: h.value})
		}
		messages = append(messages, m)
	}
	err = c.deliver(codec, messages, func(m *kafka.Message) {
		offsets = append(offsets, int64(m.TopicPartition.Offset))
	})
	return offsets, err
}

func (c confluentRecords) reader() (*kafka.Consumer, error) {
	return kafka.NewConsumer(c.settings(kafka.ConfigMap{"group.id": "unused", "enable.auto.commit": false,
		"allow.auto.create.topics": false}))
}

func (c confluentRecords) read(topic string, from int64, count int) (records []record, err error) {
	consumer, err := c.reader()
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	where := kafka.TopicPartition{Topic: &topic, Offset: kafka.Offset(from)}
	if err := consumer.Assign([]kafka.TopicPartition{where}); err != nil {
		return nil, err
	}
	for len(records) < count {
		m, err := consumer.ReadMessage(20 * time.Second)
		if err != nil {
			return nil, fmt.Errorf("after %d records: %w", len(records), err)
		}
		one := record{offset: int64(m.TopicPartition.Offset), time: m.Timestamp, key: m.Key, value: m.Value}
		for _, h := range m.Headers {
			one.headers = append(one.headers, header{h.Key, h.Value})
		}
		records = append(records, one)
	}
	return records, nil
}

func (c confluentRecords) offsetOf(topic string, timeMs int64) (int64, error) {
	consumer, err := c.reader()
	if err != nil {
		return 0, err
	}
	defer consumer.Close()
	if timeMs < 0 {
		low, high, err := consumer.QueryWatermarkOffsets(topic, 0, 20000)
		return map[int64]int64{earliest: low, latest: high}[timeMs], err
	}
	asked := kafka.TopicPartition{Topic: &topic, Offset: kafka.Offset(timeMs)}
	found, err := consumer.OffsetsForTimes([]kafka.TopicPartition{asked}, 20000)
	if err != nil {
		return 0, err
	}
	return int64(found[0].Offset), found[0].Error
}

func (c confluentRecords) administer(topic string) error {
	if err := c.create(topic, 3); err != nil {
		return err
	}
	if err := c.create(topic, 3); err == nil || err.(kafka.Error).Code() != kafka.ErrTopicAlreadyExists {
		return fmt.Errorf("the topic was created twice: %v", err)
	}
	ctx, cancel := within()
	defer cancel()
	resource := kafka.ConfigResource{Type: kafka.ResourceTopic, Name: topic}
	described, err := c.admin.DescribeConfigs(ctx, []kafka.ConfigResource{resource})
	if err != nil || described[0].Config["cleanup.policy"].Value != "delete" {
		return fmt.Errorf("settings: %v %v", described, err)
	}
	deleted, err := c.admin.DeleteTopics(ctx, []string{topic})
	if err == nil && deleted[0].Error.Code() != kafka.ErrNoError {
		err = deleted[0].Error
	}
	return err
}
