import type { Instance } from '@it0/client/chat-source';
import { useTranslations } from 'use-intl';
import { isUnconnected } from './where.ts';

type Told = Pick<Instance, 'driver' | 'host' | 'statusDetail'>;

/** What a person should know about an agent's status: in their language where it is known here, else as the server says it. */
export function useStatusDetail() {
  const t = useTranslations('agents');
  return (instance: Told) => (isUnconnected(instance) ? t('unconnectedDetail') : instance.statusDetail);
}
