import type { Instance } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';

type StatusFields = Pick<Instance, 'statusReason' | 'statusDetail'>;

/** Returns a function that explains an agent's status in the user's language, with the technical detail below. */
export function useStatusDetail() {
  const t = useTranslations('agents.reason');
  return ({ statusReason, statusDetail }: StatusFields) =>
    [statusReason && t(statusReason), statusDetail].filter(Boolean).join('\n') || null;
}
