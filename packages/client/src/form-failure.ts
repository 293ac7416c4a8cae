import type { Reason } from '@it0/contracts/reasons';
import { TRPCClientError } from '@trpc/client';
import { getReason } from './errors.ts';

/** Which fields a reason is about: of these, it belongs to the first that a form has. */
const fieldsOf: Partial<Record<Reason, string[]>> = {
  WRONG_CREDENTIALS: ['password'],
  WRONG_PASSWORD: ['current', 'password'],
  WRONG_CODE: ['code'],
  PASSWORD_UNSAFE: ['next', 'password'],
  EMAIL_TAKEN: ['email'],
  ALREADY_MEMBER: ['email'],
  MODEL_KEY_MISSING: ['key'],
};

export type FormFailure<Name extends string> = {
  /** The fields that it is about; none when it is about the whole form. */
  fields: Name[];
  /** Null when the server could not be asked. */
  reason: Reason | null;
  /** In how many seconds the same may succeed, where that is known. */
  retryAfter: number | null;
  /** What it counts, such as bytes of memory. */
  params: Record<string, number> | null;
};

/** What a form with fields of these names can show of the error that its request was answered with. */
export function toFormFailure<Name extends string>(error: unknown, names: readonly Name[]): FormFailure<Name> {
  const reason = getReason(error);
  const { issues, retryAfter, params } = dataOf(error);
  const invalid = names.filter((name) => issues?.fieldErrors?.[name]);
  const about = reason && fieldsOf[reason]?.map((field) => names.find((name) => name === field)).find(Boolean);
  return { fields: about ? [about] : invalid, reason, retryAfter: retryAfter ?? null, params: params ?? null };
}

type ErrorData = {
  issues?: { fieldErrors?: Record<string, unknown> };
  retryAfter?: number;
  params?: Record<string, number>;
};

const dataOf = (error: unknown): ErrorData => (error instanceof TRPCClientError && (error.data as ErrorData)) || {};
