import { type BridgeHealth, DecideApproval, TaskRequest } from '@it0/contracts/bridge';
import type { ErrorResponse } from '@it0/contracts/error-response';
import { Id } from '@it0/contracts/ids';
import { limits } from '@it0/contracts/limits';
import type { RequestReason } from '@it0/contracts/reasons';
import type { BridgeLogs } from '@it0/contracts/remote-bridge';
import { isSameToken } from '@it0/node/token';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Approvals } from './approvals.ts';
import type { Engine } from './engines/engine.ts';
import type { Outbox } from './outbox.ts';
import type { Tasks } from './tasks.ts';

type BridgeAppOptions = {
  secret: string;
  tasks: Tasks;
  outbox: Outbox;
  engine: Engine;
  approvals: Approvals;
  logs(): Promise<BridgeLogs>;
  log: Logger;
};

/** Creates the HTTP API of a bridge; see `contracts/bridge`. Every error has the body `ErrorResponse`. */
export function createBridgeApp({ secret, tasks, outbox, engine, approvals, logs, log }: BridgeAppOptions) {
  const app = express().disable('x-powered-by');
  app.get('/healthz', (_req, res) => {
    res.json({ ok: true });
  });
  app.use(requireSecret(secret));
  app.get('/readyz', (_req, res) => {
    const health: BridgeHealth = engine.health();
    res.status(health.ready ? 200 : 503).json(health);
  });
  app.get('/logs', async (_req, res) => {
    res.json(await logs());
  });
  app.use(express.json({ limit: limits.taskBytes, type: () => true, strict: false }));
  app.post('/task-async', (req, res) => {
    const task = parse(TaskRequest, req, res);
    if (!task) return;
    tasks.accept(task);
    res.status(202).json({ taskId: task.taskId });
  });
  app.get('/task-async/:taskId', (req, res) => {
    const task = outbox.find(req.params.taskId);
    if (task) res.json(task);
    else refuse(res, 'TASK_NOT_FOUND', 'Task not found.');
  });
  app.delete('/task-async/:taskId', (req, res) => {
    const { taskId } = req.params;
    if (!outbox.find(taskId)) return refuse(res, 'TASK_NOT_FOUND', 'Task not found.');
    tasks.stop(taskId, 'cancelled');
    res.status(202).json({ taskId });
  });
  app.post('/approvals/:approvalId', (req, res) => {
    const decide = parse(DecideApproval, req, res);
    if (!decide) return;
    const { approvalId } = req.params;
    const outcome = Id.safeParse(approvalId).success ? approvals.decide(approvalId, decide.decision) : 'unknown';
    if (outcome === 'decided') res.json({ approvalId });
    else if (outcome === 'unknown') refuse(res, 'APPROVAL_NOT_FOUND', 'Approval not found.');
    else refuse(res, 'APPROVAL_DECIDED', 'The approval has another decision or has expired.');
  });
  app.use((_req, res) => refuse(res, 'NOT_FOUND', 'Not found.'));
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
    const status = getStatus(error);
    if (status === 413)
      return refuse(res, 'BODY_TOO_LARGE', `The request body is larger than ${limits.taskBytes} bytes.`);
    if (status < 500) return refuse(res, 'INVALID_INPUT', 'The request cannot be parsed.');
    log.error({ err: error }, 'a request failed');
    refuse(res, 'INTERNAL', 'Internal error.');
  });
  return app;
}

/** Reasons of the bridge, with their HTTP statuses. */
const STATUSES = {
  INVALID_INPUT: 400,
  NOT_SIGNED_IN: 401,
  NOT_FOUND: 404,
  TASK_NOT_FOUND: 404,
  APPROVAL_NOT_FOUND: 404,
  APPROVAL_DECIDED: 409,
  BODY_TOO_LARGE: 413,
  INTERNAL: 500,
} satisfies Partial<Record<RequestReason, number>>;

function refuse(res: Response, reason: keyof typeof STATUSES, message: string, error?: z.ZodError) {
  const issues = error && z.flattenError(error);
  res.status(STATUSES[reason]).json({ reason, message, issues } satisfies ErrorResponse);
}

/** Parses a request's body. If it is invalid, sends a response and returns undefined. */
function parse<T>(schema: z.ZodType<T>, req: Request, res: Response): T | undefined {
  const parsed = schema.safeParse(req.body);
  if (parsed.success) return parsed.data;
  refuse(res, 'INVALID_INPUT', 'The request body is invalid.', parsed.error);
}

const requireSecret = (secret: string) => (req: Request, res: Response, next: NextFunction) => {
  if (isSameToken(req.headers.authorization ?? '', `Bearer ${secret}`)) return next();
  refuse(res, 'NOT_SIGNED_IN', "The instance's secret is missing or wrong.");
};

/** Returns the HTTP status of an error of Express's parsers, and 500 for any other error. */
const getStatus = (error: unknown) =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
