/**
 * Maximum sizes of what crosses a process boundary. Text lengths are in UTF-16 code units; names with `Bytes` are in
 * bytes, names with `Ms` in milliseconds. Text that exceeds its limit is refused with INVALID_INPUT or, for texts of
 * another process, shortened.
 */
export const limits = {
  message: 100_000,
  /** A draft can be longer than a message, so that no text is lost before it is shortened. */
  draft: 200_000,
  draftAttachments: 50,
  reply: 1_000_000,
  instructions: 20_000,
  /** Number of earlier turns in a task. */
  historyTurns: 200,
  /** Total length of the earlier turns. */
  history: 200_000,
  /** Total length of the earlier turns with which an instance begins the conversation of a branch. */
  branchHistory: 60_000,
  toolArgs: 64_000,
  toolOutput: 64_000,
  progress: 8_000,
  command: 32_000,
  detail: 4_000,
  name: 200,
  /** UTF-16 units of the name of an agent, a person, an organization or a key. */
  displayName: 80,
  url: 2_000,
  /** Length of a callback or tool token. */
  token: 4_000,
  /** Number of rules per instance, and length of a pattern. */
  approvalRules: 100,
  rulePattern: 500,
  /** Maximum time until an approval expires, in milliseconds. */
  approvalMs: 24 * 3_600_000,
  /** Pending approvals in one list, in total and per instance. */
  pendingApprovals: 200,
  instancePendingApprovals: 20,
  /** Approvals per task, in total and pending at a time. */
  taskApprovals: 500,
  taskPendingApprovals: 20,
  /** Length of a password. */
  password: { min: 10, max: 128 },
  /** Lines in the log of an instance, and length of a line. */
  logLines: 200,
  logLine: 2_000,
  /** Memory that a gateway and its bridge need. */
  gatewayBytes: 1_000_000_000,
  callbackEvents: 500,
  /** Approvals accepted per callback. The bridge sends the others again. */
  callbackApprovals: 20,
  callbackBytes: 4 * 1024 * 1024,
  requestBytes: 1024 * 1024,
  /** Maximum duration of a recording, in seconds. */
  speechSeconds: 300,
  /** Calls per HTTP batch. */
  batchCalls: 20,
  attachmentBytes: 10 * 1024 * 1024,
  /** Attachments per message: their number and total size. */
  attachments: 10,
  attachmentsBytes: 25 * 1024 * 1024,
  /** Body of a task with its history. */
  taskBytes: 8 * 1024 * 1024,
} as const;
