import { useSearch } from '@tanstack/react-router';
import { Bot } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useAssistant } from '../agents/use-assistant.ts';
import { Button } from '../ui/button.tsx';
import { useBeside } from './chat-location.ts';

/** Shows iAgent beside the chat with an instance, where there is room and an iAgent. */
export function SidePanelButton({ instanceId }: { instanceId: string }) {
  const t = useTranslations('chat');
  const { data } = useAssistant();
  const { iagent } = useSearch({ strict: false });
  const show = useBeside(instanceId);
  if (!data || data.status === 'STOPPED') return null;
  return (
    <Button
      look="plain"
      shape="icon"
      className="aria-pressed:text-accent max-xl:hidden"
      aria-label={t('beside')}
      aria-pressed={iagent !== undefined}
      onClick={() => (iagent ? show(null) : show())}
    >
      <Bot className="size-4.5" />
    </Button>
  );
}
