// What the actors in Go share: lines from standard input say what to do, lines on standard output what came of it.
// README.md has the vocabulary. Copied beside the program of each client.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What a client's actor does. What its library cannot do is answered with errAbsent.
type actor interface {
	create(topic string, partitions int) error
	produce(topic string, first, count int, codec string) error
	join(group, topic, instance, assignor string, session time.Duration) error
	commit(async bool) error
	seek(partition int, offset int64) error
	pause(partition int, on bool) error
	leave() error
	groups() ([]string, error)
	describe(group string) (state string, members int, err error)
	committed(group, topic string) (map[int]int64, error)
	deleteGroup(group string) error
}

var errAbsent = errors.New("absent")

var output sync.Mutex

func say(words ...any) {
	output.Lock()
	defer output.Unlock()
	fmt.Println(strings.ReplaceAll(strings.TrimSuffix(fmt.Sprintln(words...), "\n"), "\n", " "))
}

func key(n int) []byte   { return []byte(fmt.Sprintf("key-%d", n%20)) }
func value(n int) []byte { return []byte(strconv.Itoa(n)) }

// What a member owns and how far it has read; commits are of what was said.
type member struct {
	sync.Mutex
	topic     string
	owned     map[int]bool
	positions map[int]int64
}

func (m *member) reset(topic string) {
	m.Lock()
	defer m.Unlock()
	m.topic, m.owned, m.positions = topic, map[int]bool{}, map[int]int64{}
}

func (m *member) change(owns bool, partitions ...int) {
	m.Lock()
	defer m.Unlock()
	for _, partition := range partitions {
		if owns {
			m.owned[partition] = true
		} else {
			delete(m.owned, partition)
			delete(m.positions, partition)
		}
	}
	words, sorted := []any{"assigned"}, []int{}
	for partition := range m.owned {
		sorted = append(sorted, partition)
	}
	sort.Ints(sorted)
	for _, partition := range sorted {
		words = append(words, partition)
	}
	say(words...)
}

func (m *member) read(partition int, offset int64, key, value []byte) {
	m.Lock()
	defer m.Unlock()
	m.positions[partition] = offset + 1
	say("record", partition, offset, string(key), string(value))
}

// What a commit is of; it is said before it is sent.
func (m *member) eachPosition(body func(partition int, offset int64)) {
	m.Lock()
	defer m.Unlock()
	for partition, offset := range m.positions {
		say("position", partition, offset)
		body(partition, offset)
	}
}

func obey(c actor, words []string) error {
	number := func(i int) int {
		n, _ := strconv.Atoi(words[i])
		return n
	}
	switch words[0] {
	case "create":
		return c.create(words[1], number(2))
	case "produce":
		return c.produce(words[1], number(2), number(3), words[4])
	case "join":
		return c.join(words[1], words[2], strings.TrimPrefix(words[3], "-"), words[4],
			time.Duration(number(5))*time.Millisecond)
	case "commit", "commit-async":
		return c.commit(words[0] != "commit")
	case "seek":
		return c.seek(number(1), int64(number(2)))
	case "pause", "resume":
		return c.pause(number(1), words[0] == "pause")
	case "leave":
		return c.leave()
	case "groups":
		groups, err := c.groups()
		for _, group := range groups {
			say("group", group)
		}
		return err
	case "describe":
		state, members, err := c.describe(words[1])
		if err == nil {
			say("state", strings.ToUpper(state), members)
		}
		return err
	case "committed":
		offsets, err := c.committed(words[1], words[2])
		for partition, offset := range offsets {
			say("committed", partition, offset)
		}
		return err
	case "delete-group":
		return c.deleteGroup(words[1])
	}
	return errAbsent
}

func act(c actor) {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		err := obey(c, strings.Fields(lines.Text()))
		switch {
		case errors.Is(err, errAbsent):
			say("absent")
		case err != nil:
			say("failed", err)
		default:
			say("done")
		}
	}
}
