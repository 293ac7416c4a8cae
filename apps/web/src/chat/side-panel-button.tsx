import { useSearch } from '@tanstack/react-router';
import { Bot } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useAssistant } from '../agents/use-assistant.ts';
import { Button } from '../ui/button.tsx';
import { useSidePanel } from './chat-location.ts';

/** Toggles the side panel with iAgent, if iAgent is available and the screen is wide enough. */
export function SidePanelButton({ instanceId }: { instanceId: string }) {
  const t = useTranslations('chat');
  const { data } = useAssistant();
  const { iagent } = useSearch({ strict: false });
  const show = useSidePanel(instanceId);
  if (!data || data.status === 'STOPPED') return null;
  return (
    <Button
      variant="ghost"
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
