package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
)

type segmentioRecords struct{ *segmentio }

func (s segmentioRecords) write(topic, codec string, records []record) (offsets []int64, err error) {
	if err := s.create(topic, 1); err != nil {
		return nil, err
	}
	writer := s.writer(topic, codec)
	writer.BatchSize = len(records)
	writer.Completion = func(messages []kafka.Message, _ error) {
		for _, m := range messages {
			offsets = append(offsets, m.Offset)
		}
	}
	var messages []kafka.Message
	for _, r := range records {
		m := kafka.Message{Time: r.time, Key: r.key, Value: r.value}
		for _, h := range r.headers {
			m.Headers = append(m.Headers, kafka.Header{Key: h.key, Value: h.value})
		}
		messages = append(messages, m)
	}
	ctx, cancel := within()
	defer cancel()
	err = errors.Join(writer.WriteMessages(ctx, messages...), writer.Close())
	return offsets, err
}

func (s segmentioRecords) read(topic string, from int64, count int) (records []record, err error) {
	reader := kafka.NewReader(kafka.ReaderConfig{Brokers: []string{s.servers}, Topic: topic, MaxBytes: 1 << 20})
	defer reader.Close()
	if err := reader.SetOffset(from); err != nil {
		return nil, err
	}
	ctx, cancel := within()
	defer cancel()
	for len(records) < count {
		m, err := reader.ReadMessage(ctx)
		if err != nil {
			return nil, fmt.Errorf("after %d records: %w", len(records), err)
		}
		one := record{offset: m.Offset, time: m.Time, key: m.Key, value: m.Value}
		for _, h := range m.Headers {
			one.headers = append(one.headers, header{h.Key, h.Value})
		}
		records = append(records, one)
	}
	return records, nil
}

func (s segmentioRecords) offsetOf(topic string, timeMs int64) (int64, error) {
	asked := kafka.OffsetRequest{Partition: 0, Timestamp: timeMs} // earliest and latest are what they are in the protocol
	found, err := s.client.ListOffsets(context.Background(), &kafka.ListOffsetsRequest{
		Topics: map[string][]kafka.OffsetRequest{topic: {asked}}})
	if err != nil {
		return 0, err
	}
	one := found.Topics[topic][0]
	for offset := range one.Offsets {
		return offset, one.Error
	}
	return max(one.FirstOffset, one.LastOffset), one.Error
}

func (s segmentioRecords) administer(topic string) error {
	if err := s.create(topic, 3); err != nil {
		return err
	}
	if err := s.create(topic, 3); !errors.Is(err, kafka.TopicAlreadyExists) {
		return fmt.Errorf("the topic was created twice: %v", err)
	}
	ctx, cancel := within()
	defer cancel()
	found, err := s.client.Metadata(ctx, &kafka.MetadataRequest{Topics: []string{topic}})
	if err != nil || len(found.Topics) != 1 || len(found.Topics[0].Partitions) != 3 {
		return fmt.Errorf("metadata: %v %v", found, err)
	}
	deleted, err := s.client.DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{topic}})
	if err != nil {
		return err
	}
	return deleted.Errors[topic]
}
