import type { Instance } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';

type Told = Pick<Instance, 'statusReason' | 'statusDetail'>;

/** What a person should know about an agent's status, in their language, and beneath it what is known beyond that. */
export function useStatusDetail() {
  const t = useTranslations('agents.reason');
  return ({ statusReason, statusDetail }: Told) =>
    [statusReason && t(statusReason), statusDetail].filter(Boolean).join('\n') || null;
}
