/** What one message, reply or body may hold. Lengths are in UTF-16 units unless they say bytes. */
export const limits = {
  message: 100_000,
  reply: 1_000_000,
  instructions: 20_000,
  /** Earlier turns that a task is handed over with. */
  historyTurns: 200,
  /** What all of them hold together. */
  history: 200_000,
  toolArgs: 64_000,
  toolOutput: 64_000,
  progress: 8_000,
  command: 32_000,
  detail: 4_000,
  name: 200,
  url: 2_000,
  /** Characters of a token for callbacks or tools. */
  token: 4_000,
  /** Rules of one instance, and what one's pattern may hold. */
  approvalRules: 100,
  rulePattern: 500,
  /** Maximum time until an approval expires, in milliseconds. */
  approvalMs: 24 * 3_600_000,
  /** Commands that wait, in one list, and those of one instance in it. */
  pendingApprovals: 200,
  instancePendingApprovals: 20,
  /** Approvals of one task, and how many of them may be pending at a time. */
  taskApprovals: 500,
  taskPendingApprovals: 20,
  /** Characters of a password. */
  password: { min: 10, max: 128 },
  /** Lines of an instance's log that are shown at most, and the characters of one. */
  logLines: 200,
  logLine: 2_000,
  /** What a gateway with its bridge takes, in bytes. */
  gatewayBytes: 1_000_000_000,
  callbackEvents: 500,
  callbackBytes: 4 * 1024 * 1024,
  requestBytes: 1024 * 1024,
  /** Calls per HTTP batch. */
  batchCalls: 20,
  attachmentBytes: 10 * 1024 * 1024,
  /** Of one message: how many, and how much they are together. */
  attachments: 10,
  attachmentsBytes: 25 * 1024 * 1024,
  /** A task with all that was said before it. */
  taskBytes: 8 * 1024 * 1024,
} as const;
