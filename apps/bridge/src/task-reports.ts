import type { DurableReport } from '@it0/contracts/bridge';
import { limits } from '@it0/contracts/limits';
import type { Logger } from 'pino';
import type { UnnumberedReport } from './engines/engine.ts';
import type { OutboxStore, Progress } from './outbox-store.ts';

export type TaskReportsOptions = {
  taskId: string;
  progress: Progress;
  store: OutboxStore;
  log: Logger;
  /** Called after each attempt to write reports to disk. */
  onSave(): void;
};

/** The delay after which a disk that failed is tried again. */
export const DISK_RETRY_MS = 1_000;
/** The size of a batch in UTF-16 units of JSON. A unit has up to 3 bytes, so a batch fits `limits.callbackBytes`. */
const MAX_BATCH_UNITS = limits.callbackBytes / 4;

/** The durable reports of one task, which are numbered and then stored. Methods throw when the disk fails. */
export class TaskReports {
  readonly #options: TaskReportsOptions;
  #progress: Progress;
  /** Numbered reports that could not be written to disk yet. */
  #unsaved: DurableReport[] = [];
  #saveTimer: NodeJS.Timeout | undefined;

  constructor(options: TaskReportsOptions) {
    this.#options = options;
    this.#progress = options.progress;
  }

  /** The progress of the task. `lastN` includes the reports that are not on disk yet. */
  get progress(): Readonly<Progress> {
    return this.#progress;
  }

  get hasEnded() {
    return this.#progress.state === 'ended';
  }

  /** Whether the server has acknowledged the report that ends the task. */
  get isDelivered() {
    return this.hasEnded && this.#progress.ackedN === this.#progress.lastN;
  }

  /** Whether reports on disk are not acknowledged. */
  get hasStored() {
    return this.#progress.lastN - this.#unsaved.length > this.#progress.ackedN;
  }

  /** Adds a report. Does not throw: while the disk fails, the report stays in memory, and is written later. */
  append(report: UnnumberedReport) {
    const n = this.#progress.lastN + 1;
    this.#progress = { ...this.#progress, lastN: n, state: isEnd(report) ? 'ended' : 'running' };
    this.#unsaved.push({ ...report, n });
    this.#save();
  }

  /** Reads the oldest stored reports, at most `count` and not more than fit into one callback. */
  readBatch(count: number) {
    return takeBatch(this.#options.store.listUnacknowledged(this.#options.taskId, count));
  }

  /** Removes the reports up to `n`, which the server has. */
  acknowledge(n: number) {
    this.#options.store.acknowledge(this.#options.taskId, n);
    this.#progress = { ...this.#progress, ackedN: n };
  }

  /** Ends the task with this report, which replaces the one with its `n` and all later ones. */
  endWith(report: DurableReport) {
    this.#options.store.endWith(this.#options.taskId, report);
    this.close();
    this.#unsaved = [];
    this.#progress = { ...this.#progress, lastN: report.n, state: 'ended' };
  }

  /** Stops writing to disk. */
  close() {
    clearTimeout(this.#saveTimer);
  }

  #save() {
    const { taskId, store, log, onSave } = this.#options;
    clearTimeout(this.#saveTimer);
    try {
      store.append(taskId, this.#unsaved, this.#progress.state);
      this.#unsaved = [];
    } catch (error) {
      log.error({ err: error }, 'a report could not be written to disk, and stays in memory for now');
      this.#saveTimer = setTimeout(() => this.#save(), DISK_RETRY_MS);
    }
    onSave();
  }
}

export const isEnd = ({ type }: { type: string }) => type === 'completed' || type === 'error';

/** Returns the reports that fit into one body, at least one: the server rejects one that is too large. */
function takeBatch(reports: DurableReport[]) {
  let units = 0;
  const fit = reports.findIndex((report, index) => {
    units += JSON.stringify(report).length;
    return units > MAX_BATCH_UNITS && index > 0;
  });
  return fit < 0 ? reports : reports.slice(0, fit);
}
