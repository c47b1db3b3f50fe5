// kafkajs as an actor: usage: actor.js HOST:PORT. README.md has the vocabulary of commands and answers.
const readline = require('node:readline')
const { Kafka, CompressionTypes, CompressionCodecs, AssignerProtocol, Partitioners, logLevel } = require('kafkajs')
CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')

const kafka = new Kafka({ clientId: 'kafkajs', brokers: [process.argv[2]], logLevel: logLevel.NOTHING,
  retry: { retries: 40, maxRetryTime: 500 } })
const CODECS = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy }
const say = (...words) => console.log(words.join(' ').replaceAll('\n', ' '))
const absent = () => { throw new Error('absent') }
let admin, producer, consumer, topicOfGroup, owned = new Set(), positions = new Map()

const administrator = async () => {
  if (!admin) await (admin = kafka.admin()).connect()
  return admin
}

// Kafka's range assignor by its name, which the library does not have: members share it with other clients.
const range = ({ cluster }) => ({
  name: 'range',
  version: 0,
  async assign({ members, topics }) {
    const ids = members.map(({ memberId }) => memberId).sort()
    const assignments = Object.fromEntries(ids.map((id) => [id, {}]))
    for (const topic of topics) {
      const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId).sort((a, b) => a - b)
      ids.forEach((id, i) => {
        const start = (n) => n * Math.floor(partitions.length / ids.length) + Math.min(n, partitions.length % ids.length)
        assignments[id][topic] = partitions.slice(start(i), start(i + 1))
      })
    }
    return ids.map((memberId) => ({ memberId, memberAssignment: AssignerProtocol.MemberAssignment.encode({ version: 0,
      assignment: assignments[memberId], userData: Buffer.alloc(0) }) }))
  },
  protocol: ({ topics }) => ({ name: 'range', metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics,
    userData: Buffer.alloc(0) }) }),
})

function assigned(partitions) {
  owned = new Set(partitions)
  for (const partition of positions.keys()) if (!owned.has(partition)) positions.delete(partition)
  say('assigned', ...[...owned].sort())
}

// The default one; an acknowledgement does not say which records it is of.
const createPartitioner = () => {
  const choose = Partitioners.DefaultPartitioner()
  return (question) => (question.message.chosen = choose(question))
}

const commands = {
  async create(topic, partitions) {
    await (await administrator()).createTopics({ topics: [{ topic, numPartitions: Number(partitions) }] })
  },
  async produce(topic, first, count, codec) {
    if (!(codec in CODECS)) absent()
    if (!producer) await (producer = kafka.producer({ idempotent: true, createPartitioner })).connect()
    for (let from = Number(first), end = from + Number(count); from < end; from += 100) {
      const messages = Array.from({ length: Math.min(100, end - from) }, (_, i) => ({ key: `key-${(from + i) % 20}`,
        value: `${from + i}` }))
      const sent = await producer.send({ topic, messages, acks: -1, compression: CODECS[codec] })
      for (const { partition, baseOffset } of sent) {
        const inside = messages.filter((message) => message.chosen === partition)
        inside.forEach((message, i) => say('sent', partition, Number(baseOffset) + i, message.value))
      }
    }
  },
  async join(groupId, topic, instance, assignor, sessionMs) {
    if (assignor !== 'range' || instance !== '-') absent()
    consumer = kafka.consumer({ groupId, sessionTimeout: Number(sessionMs), heartbeatInterval: 500, maxWaitTimeInMs: 100,
      rebalanceTimeout: 10000, partitionAssigners: [range] })
    topicOfGroup = topic
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => assigned(payload.memberAssignment[topic] ?? []))
    consumer.on(consumer.events.REBALANCING, () => assigned([]))
    consumer.on(consumer.events.CRASH, ({ payload }) => say('trouble', payload.error))
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({ autoCommit: false, eachMessage: async ({ partition, message }) => {
      positions.set(partition, Number(message.offset) + 1)
      say('record', partition, message.offset, message.key, message.value)
    } })
  },
  async commit() {
    for (const [partition, at] of positions) say('position', partition, at)
    await consumer.commitOffsets([...positions].map(([partition, at]) => ({ topic: topicOfGroup, partition, offset: `${at}` })))
  },
  async seek(partition, offset) { consumer.seek({ topic: topicOfGroup, partition: Number(partition), offset }) },
  async pause(partition) { consumer.pause([{ topic: topicOfGroup, partitions: [Number(partition)] }]) },
  async resume(partition) { consumer.resume([{ topic: topicOfGroup, partitions: [Number(partition)] }]) },
  async leave() {
    await consumer.disconnect()
    positions.clear()
  },
  async groups() {
    for (const { groupId } of (await (await administrator()).listGroups()).groups) say('group', groupId)
  },
  async describe(group) {
    const [found] = (await (await administrator()).describeGroups([group])).groups
    say('state', found.state.toUpperCase(), found.members.length)
  },
  async committed(groupId, topic) {
    const [found] = await (await administrator()).fetchOffsets({ groupId, topics: [topic] })
    for (const { partition, offset } of found.partitions) say('committed', partition, offset)
  },
  async 'delete-group'(group) { await (await administrator()).deleteGroups([group]) },
}

async function obey(line) {
  const [name, ...words] = line.split(' ')
  try {
    await (commands[name] ?? absent)(...words)
    say('done')
  } catch (problem) {
    if (problem.message === 'absent') say('absent')
    else say('failed', problem.name, problem.message)
  }
}

let before = Promise.resolve()
const lines = readline.createInterface({ input: process.stdin })
lines.on('line', (line) => { before = before.then(() => obey(line)) })
lines.on('close', () => process.exit())
