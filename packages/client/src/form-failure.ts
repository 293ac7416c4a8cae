import type { Reason } from '@it0/contracts/reasons';
import { TRPCClientError } from '@trpc/client';
import { getReason } from './errors.ts';

/** Field names by reason. The error is shown at the first of them that the form has. */
const FIELDS_BY_REASON: Partial<Record<Reason, string[]>> = {
  WRONG_CREDENTIALS: ['password'],
  WRONG_PASSWORD: ['current', 'password'],
  WRONG_CODE: ['code'],
  PASSWORD_UNSAFE: ['next', 'password'],
  EMAIL_TAKEN: ['email'],
  ALREADY_MEMBER: ['email'],
  MODEL_KEY_MISSING: ['key'],
};

/** Error of a form's request, as the form shows it. */
export type FormFailure<Name extends string> = {
  /** Fields that the error concerns; empty for an error of the whole form. */
  fields: Name[];
  /** Null for a network error. */
  reason: Reason | null;
  /** Seconds until a retry may succeed, if known. */
  retryAfter: number | null;
  /** Numbers for the message, such as bytes of memory. */
  params: Record<string, number> | null;
};

/** Converts the error of a form's request. `names` are the fields of the form. */
export function toFormFailure<Name extends string>(error: unknown, names: readonly Name[]): FormFailure<Name> {
  const reason = getReason(error);
  const { issues, retryAfter, params } = readErrorData(error);
  const invalid = names.filter((name) => issues?.fieldErrors?.[name]);
  const field =
    reason && FIELDS_BY_REASON[reason]?.map((candidate) => names.find((name) => name === candidate)).find(Boolean);
  return { fields: field ? [field] : invalid, reason, retryAfter: retryAfter ?? null, params: params ?? null };
}

type ErrorData = {
  issues?: { fieldErrors?: Record<string, unknown> };
  retryAfter?: number;
  params?: Record<string, number>;
};

const readErrorData = (error: unknown): ErrorData =>
  (error instanceof TRPCClientError && (error.data as ErrorData)) || {};
