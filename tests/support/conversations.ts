import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';

/** Numbers and owner of the conversations to create. */
export type Volume = {
  /** The quoted schema of the tenant. */
  schema: string;
  ownerId: string;
  /** Agents that the sessions are distributed over. */
  instanceIds: string[];
  sessions: number;
  messages: number;
  /** Time over which the sessions are distributed, up to now. */
  days: number;
};

const WORDS =
  'disk full restart nginx systemd backup kernel memory container deploy rollback certificate expired timeout upstream replica postgres vacuum latency error warning socket port firewall route packet dropped journal mount volume inode snapshot cluster node drain quota swap thread pool queue retry health probe'.split(
    ' ',
  );
const TERMS =
  '磁盘 空间 内存 日志 重启 服务 证书 过期 超时 备份 数据库 主从 延迟 错误 告警 端口 防火墙 路由 丢包 挂载 快照 集群 节点 配额 线程 队列 重试 健康检查 回滚 部署 容器 内核 连接 网关 缓存 监控'.split(
    ' ',
  );
const CHARACTERS =
  '的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装';

/** Creates a generator of numbers from 0 to 1 that is the same in every run. */
export function createRandom(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Creates a generator of texts of operators, in English and Chinese. A few words are frequent, and most are rare. */
export function createProse(random: () => number) {
  const pick = <T>(list: readonly T[]) => list[Math.floor(list.length * random() ** 3)]!;
  const rare = Array.from({ length: 20_000 }, (_, n) => `${pick(WORDS)}-${n.toString(36)}`);
  const chars = [...CHARACTERS];
  const rareTerms = Array.from({ length: 20_000 }, () => chars[Math.floor(random() * chars.length)]! + pick(chars));
  return (words: number) => {
    const isChinese = random() < 0.5;
    const [common, uncommon] = isChinese ? [TERMS, rareTerms] : [WORDS, rare];
    const text = Array.from({ length: words }, () => (random() < 0.8 ? pick(common) : pick(uncommon)));
    return isChinese ? `${text.join('')}。` : `${text.join(' ')}.`;
  };
}

/** Messages per statement. */
const BATCH_SIZE = 4_000;

/** Creates sessions with their messages, each with a reply and every second one with a tool call. They are the same in every run. */
export async function createConversations(pool: Pool, { schema, ownerId, ...volume }: Volume): Promise<void> {
  const random = createRandom(1);
  const write = createProse(random);
  const now = Date.now();
  const perSession = Math.max(1, Math.ceil(volume.messages / volume.sessions / 2));
  let batch: object[] = [];
  for (let n = 0; n < volume.sessions; n++) {
    const [sessionId, instanceId] = [randomUUID(), volume.instanceIds[n % volume.instanceIds.length]];
    // More of them are recent than old.
    const at = now - (n / volume.sessions) ** 2 * volume.days * 24 * 3_600_000;
    await pool.query(
      `INSERT INTO ${schema}."AgentSession"
         ("id", "ownerId", "agentInstanceId", "engineType", "title", "seq", "createdAt", "lastActiveAt")
       VALUES ($1, $2, $3, 'openclaw', $4, $5, $6, $6)`,
      [sessionId, ownerId, instanceId, write(6).slice(0, 80), perSession * 2, new Date(at)],
    );
    for (let turn = 0; turn < perSession; turn++) {
      const taskId = randomUUID();
      const createdAt = new Date(at - (perSession - turn) * 60_000).toISOString();
      const common = { sessionId, taskId, ownerId, createdAt, seq: turn * 2 + 1 };
      const tool = { type: 'tool', callId: 'c', name: 'exec', title: write(2), args: '{}', textOffset: 0 };
      const step = { ...tool, status: 'completed', output: write(40), startedAt: createdAt };
      const parts = [...(turn % 2 ? [step] : []), { type: 'text', text: write(30) }];
      const message = write(10);
      batch.push(
        { ...common, id: randomUUID(), role: 'USER', message, parts: [{ type: 'text', text: message }] },
        { ...common, id: taskId, role: 'ASSISTANT', parts, status: 'COMPLETED' },
      );
    }
    if (batch.length < BATCH_SIZE && n + 1 < volume.sessions) continue;
    await insertBatch(pool, schema, batch);
    batch = [];
  }
}

const insertBatch = (pool: Pool, schema: string, batch: object[]) =>
  pool.query(
    `WITH row AS (
       SELECT * FROM json_to_recordset($1) r("id" uuid, "sessionId" uuid, "taskId" uuid, "ownerId" uuid, "role" text,
         "message" text, "parts" jsonb, "status" text, "seq" bigint, "createdAt" timestamptz)
     ), task AS (
       INSERT INTO ${schema}."AgentTask"
         ("id", "sessionId", "ownerId", "requestId", "message", "status", "createdAt", "endedAt")
       SELECT "taskId", "sessionId", "ownerId", "id", "message", 'COMPLETED', "createdAt", "createdAt"
       FROM row WHERE "role" = 'USER'
     )
     INSERT INTO ${schema}."ConversationMessage"
       ("id", "sessionId", "taskId", "role", "parts", "status", "seq", "createdAt")
     SELECT "id", "sessionId", "taskId", "role"::${schema}."MessageRole", "parts", "status"::${schema}."TaskStatus",
       "seq", "createdAt"
     FROM row`,
    [JSON.stringify(batch)],
  );
