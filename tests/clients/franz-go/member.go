// franz-go as an actor.
package main

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

type franz struct {
	member
	servers   string
	admin     *kadm.Client
	producers map[string]*kgo.Client
	consumer  *kgo.Client
	stop      context.CancelFunc
	stopped   chan struct{}
}

func newFranz(servers string) (*franz, error) {
	c, err := kgo.NewClient(kgo.SeedBrokers(servers))
	return &franz{servers: servers, admin: kadm.NewClient(c), producers: map[string]*kgo.Client{}}, err
}

func within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 110*time.Second)
}

func (f *franz) create(topic string, partitions int) error {
	ctx, cancel := within()
	defer cancel()
	_, err := f.admin.CreateTopic(ctx, int32(partitions), 1, nil, topic)
	return err
}

func (f *franz) produce(topic string, first, count int, codec string) error {
	if f.producers[codec] == nil {
		producer, err := kgo.NewClient(kgo.SeedBrokers(f.servers), kgo.ProducerBatchCompression(codecs[codec]))
		if err != nil {
			return err
		}
		f.producers[codec] = producer
	}
	ctx, cancel := within()
	defer cancel()
	results := make(chan error, count)
	for n := first; n < first+count; n++ {
		record := &kgo.Record{Topic: topic, Key: key(n), Value: value(n)}
		f.producers[codec].Produce(ctx, record, func(r *kgo.Record, err error) {
			if err == nil {
				say("sent", r.Partition, r.Offset, string(r.Value))
			}
			results <- err
		})
	}
	for i := 0; i < count; i++ {
		if err := <-results; err != nil {
			return err
		}
	}
	return nil
}

func (f *franz) join(group, topic, instance, assignor string, session time.Duration) error {
	f.reset(topic)
	balancer := kgo.RangeBalancer()
	if assignor != "range" {
		balancer = kgo.CooperativeStickyBalancer()
	}
	changed := func(owns bool) func(context.Context, *kgo.Client, map[string][]int32) {
		return func(_ context.Context, _ *kgo.Client, some map[string][]int32) {
			var partitions []int
			for _, partition := range some[topic] {
				partitions = append(partitions, int(partition))
			}
			f.change(owns, partitions...)
		}
	}
	options := []kgo.Opt{kgo.SeedBrokers(f.servers), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic),
		kgo.DisableAutoCommit(), kgo.Balancers(balancer), kgo.SessionTimeout(session),
		kgo.HeartbeatInterval(500 * time.Millisecond), kgo.FetchMaxWait(100 * time.Millisecond),
		kgo.OnPartitionsAssigned(changed(true)), kgo.OnPartitionsRevoked(changed(false)),
		kgo.OnPartitionsLost(changed(false)), kgo.BlockRebalanceOnPoll()}
	if instance != "" {
		options = append(options, kgo.InstanceID(instance))
	}
	consumer, err := kgo.NewClient(options...)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	f.consumer, f.stop, f.stopped = consumer, stop, make(chan struct{})
	go f.poll(ctx)
	return nil
}

func (f *franz) poll(ctx context.Context) {
	defer close(f.stopped)
	for ctx.Err() == nil {
		fetches := f.consumer.PollFetches(ctx)
		fetches.EachRecord(func(r *kgo.Record) { f.read(int(r.Partition), r.Offset, r.Key, r.Value) })
		f.consumer.AllowRebalance()
	}
}

func (f *franz) commit(async bool) error {
	offsets := map[int32]kgo.EpochOffset{}
	f.eachPosition(func(partition int, offset int64) {
		offsets[int32(partition)] = kgo.EpochOffset{Epoch: -1, Offset: offset}
	})
	all := map[string]map[int32]kgo.EpochOffset{f.topic: offsets}
	if async {
		f.consumer.CommitOffsets(context.Background(), all, nil)
		return nil
	}
	var result error
	f.consumer.CommitOffsetsSync(context.Background(), all, func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, answer *kmsg.OffsetCommitResponse, err error) {
		result = err
		for _, topic := range answer.Topics {
			for _, partition := range topic.Partitions {
				result = errors.Join(result, kerr.ErrorForCode(partition.ErrorCode))
			}
		}
	})
	return result
}

func (f *franz) seek(partition int, offset int64) error {
	f.consumer.SetOffsets(map[string]map[int32]kgo.EpochOffset{f.topic: {int32(partition): {Epoch: -1, Offset: offset}}})
	return nil
}

func (f *franz) pause(partition int, on bool) error {
	if partitions := map[string][]int32{f.topic: {int32(partition)}}; on {
		f.consumer.PauseFetchPartitions(partitions)
	} else {
		f.consumer.ResumeFetchPartitions(partitions)
	}
	return nil
}

func (f *franz) leave() error {
	f.stop()
	<-f.stopped
	f.consumer.CloseAllowingRebalance()
	return nil
}

func (f *franz) groups() ([]string, error) {
	ctx, cancel := within()
	defer cancel()
	found, err := f.admin.ListGroups(ctx)
	return found.Groups(), err
}

func (f *franz) describe(group string) (string, int, error) {
	ctx, cancel := within()
	defer cancel()
	found, err := f.admin.DescribeGroups(ctx, group)
	if err != nil {
		return "", 0, err
	}
	return found[group].State, len(found[group].Members), found[group].Err
}

func (f *franz) committed(group, topic string) (map[int]int64, error) {
	ctx, cancel := within()
	defer cancel()
	found, err := f.admin.FetchOffsets(ctx, group)
	offsets := map[int]int64{}
	for partition, each := range found[topic] {
		offsets[int(partition)] = each.At
	}
	return offsets, err
}

func (f *franz) deleteGroup(group string) error {
	ctx, cancel := within()
	defer cancel()
	_, err := f.admin.DeleteGroup(ctx, group)
	return err
}
