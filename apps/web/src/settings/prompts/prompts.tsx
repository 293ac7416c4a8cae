import type { Prompt } from '@it0/client/chat-source';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useMe, usePermission } from '../../sign-in/use-me.ts';
import { client, trpc } from '../../trpc.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmButton, Dialog } from '../../ui/dialog/dialog.tsx';
import type { Trigger } from '../../ui/dialog/dialog-trigger.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { Row, Rows, Section } from '../../ui/section.tsx';
import { PromptForm } from './prompt-form.tsx';

/** Saved prompts of the user, and those of the organization. Shown to members. */
export function Prompts() {
  return useMe().data?.tenant ? <PromptSection /> : null;
}

function PromptSection() {
  const t = useTranslations('prompts');
  const query = trpc.prompt.list.useQuery();
  return (
    <Section anchor="prompts" title={t('title')}>
      <p className="text-soft">{t.rich('body', { key: (text) => <kbd className="font-mono">{text}</kbd> })}</p>
      <QueryView query={query} failed={t('failed')}>
        {(prompts) =>
          prompts.length === 0 ? (
            <p className="text-faint text-sm">{t('empty')}</p>
          ) : (
            <Rows>
              {prompts.map((prompt) => (
                <PromptRow key={prompt.id} prompt={prompt} />
              ))}
            </Rows>
          )
        }
      </QueryView>
      <PromptDialog
        prompt={null}
        title={t('create')}
        trigger={<Button className="justify-self-start">{t('create')}</Button>}
      />
    </Section>
  );
}

function PromptRow({ prompt }: { prompt: Prompt }) {
  const t = useTranslations('prompts');
  const { prompt: cache } = trpc.useUtils();
  const canShare = usePermission('member:manage');
  const { id, name, text, shared, mine } = prompt;
  const canChange = mine || canShare;
  return (
    <Row
      actions={
        canChange && (
          <>
            <PromptDialog
              prompt={prompt}
              title={t('editTitle', { name })}
              trigger={<Button aria-label={t('editOf', { name })}>{t('edit')}</Button>}
            />
            <ConfirmButton
              title={t('removeTitle', { name })}
              body={t(shared ? 'removeSharedBody' : 'removeBody')}
              action={t('remove')}
              label={t('removeOf', { name })}
              onConfirm={async () => {
                await client.prompt.remove.mutate({ promptId: id });
                await cache.list.invalidate();
              }}
            />
          </>
        )
      }
    >
      <p className="font-medium">
        {name} {shared && <span className="ml-1 font-normal text-faint text-sm">{t('shared')}</span>}
      </p>
      <p dir="auto" className="line-clamp-2 text-soft text-sm">
        {text}
      </p>
    </Row>
  );
}

type DialogProps = { prompt: Prompt | null; title: string; trigger: Trigger };

function PromptDialog({ prompt, title, trigger }: DialogProps) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog title={title} trigger={trigger} open={open} onOpenChange={setOpen}>
      <PromptForm prompt={prompt} onSaved={() => setOpen(false)} />
    </Dialog>
  );
}
