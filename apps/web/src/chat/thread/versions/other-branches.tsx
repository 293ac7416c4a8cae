import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import type { Reply } from '@it0/contracts/message';
import { GitBranch, ShieldAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '../../../ui/button.tsx';
import { toast } from '../../../ui/toast/toast.ts';
import { useErrorMessage } from '../../../ui/use-error-message.ts';
import { useCanStop } from '../../agent.tsx';
import { useStop } from '../../composer/use-stop.ts';

/**
 * Shows that an approval of another branch is pending, that tasks of other branches are open, or that this branch is not
 * the selected one, where the latter are shown.
 */
export function OtherBranches() {
  const t = useTranslations('versions');
  const [first] = useChat((state) => state.otherReplies);
  const count = useChat((state) => state.otherReplies.length);
  const isSelected = useChat((state) => state.isSelected);
  const pending = useChat((state) => state.otherReplies.find(hasPendingApproval));
  const { chat } = useChatScope();
  const formatError = useErrorMessage();
  const show = (taskId: string) =>
    void chat.showMessage({ around: taskId }).catch((error: unknown) => toast.error(formatError(error)));
  return (
    <>
      {pending && (
        <Line icon={<ShieldAlert className="size-4 shrink-0" />} text={t('approval')} isWarning>
          <Button variant="ghost" className="text-warn!" onClick={() => show(pending.taskId)}>
            {t('show')}
          </Button>
        </Line>
      )}
      {!pending && first && isSelected && (
        <Line icon={<GitBranch className="size-4 shrink-0" />} text={t('running', { count })}>
          <Stop reply={first} />
          <Button variant="ghost" onClick={() => show(first.taskId)}>
            {t('show')}
          </Button>
        </Line>
      )}
      {!isSelected && (
        <Line icon={<GitBranch className="size-4 shrink-0" />} text={t('notSelected')} isLate>
          <Button variant="ghost" onClick={chat.showSelected}>
            {t('showSelected')}
          </Button>
        </Line>
      )}
    </>
  );
}

const hasPendingApproval = ({ steps }: Reply) =>
  steps.some((step) => step.type === 'approval' && step.status === 'PENDING');

type LineProps = {
  icon: React.ReactNode;
  text: string;
  isWarning?: boolean;
  isLate?: boolean;
  children: React.ReactNode;
};

const Line = ({ icon, text, isWarning, isLate, children }: LineProps) => (
  <div
    data-testid="other-branches"
    className={`chat-column flex items-center gap-2 px-4 pt-1 sm:px-6 ${isLate ? 'animate-late' : ''}`}
  >
    <p className={`flex min-w-0 flex-1 items-center gap-2 text-sm ${isWarning ? 'text-warn' : 'text-soft'}`}>
      {icon}
      {text}
    </p>
    {children}
  </div>
);

function Stop({ reply: { taskId } }: { reply: Reply }) {
  const t = useTranslations('composer');
  const canStop = useCanStop();
  const { stop, stopping } = useStop(taskId);
  if (!canStop) return null;
  return (
    <Button variant="ghost" disabled={stopping} onClick={stop}>
      {t('stop')}
    </Button>
  );
}
