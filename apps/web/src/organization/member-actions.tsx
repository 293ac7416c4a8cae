import type { Role } from '@it0/contracts/permissions';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { client, trpc } from '../trpc.ts';
import { Button } from '../ui/button.tsx';
import { CopiedText } from '../ui/copy/copied-text.tsx';
import { ConfirmButton, Dialog } from '../ui/dialog/dialog.tsx';
import { useAction } from '../ui/toast/use-action.ts';
import { isLowerRole, listAssignableRoles, type Member } from './organization.ts';

/** Actions on a member. `role` is the user's own role. */
export function MemberActions({ member: { userId, name, role: memberRole }, role }: { member: Member; role: Role }) {
  const t = useTranslations('organization');
  const utils = trpc.useUtils();
  const { busy, run } = useAction();
  const setRole = (next: Role) =>
    run(async () => {
      await client.member.setRole.mutate({ userId, role: next });
      await utils.member.list.invalidate();
      return t('roleChanged', { name });
    });
  const remove = async () => {
    await client.member.remove.mutate({ userId });
    await Promise.all([utils.member.list.invalidate(), utils.instance.list.invalidate()]);
    return t('removed', { name });
  };
  return (
    <>
      <select
        aria-label={t('roleOf', { name })}
        value={memberRole}
        disabled={busy}
        onChange={(event) => setRole(event.target.value as Role)}
        className="min-h-9 rounded-lg border border-line-strong bg-raised px-2 text-sm pointer-coarse:min-h-11"
      >
        {listAssignableRoles(role).map((one) => (
          <option key={one} value={one}>
            {t(`role.${one}`)}
          </option>
        ))}
      </select>
      {isLowerRole(memberRole, role) && <ResetLink userId={userId} name={name} />}
      <ConfirmButton
        title={t('removeTitle', { name })}
        body={t('removeBody')}
        action={t('remove')}
        label={t('removeOf', { name })}
        onConfirm={remove}
      />
    </>
  );
}

/** Creates a link that resets a member's password, to be handed over in person. */
function ResetLink({ userId, name }: { userId: string; name: string }) {
  const t = useTranslations('organization');
  const [link, setLink] = useState<string | null>(null);
  const { busy, run } = useAction();
  const create = () =>
    run(async () => {
      const { token } = await client.member.resetLink.mutate({ userId });
      setLink(`${location.origin}/reset-password?token=${token}`);
    });
  return (
    <>
      <Button disabled={busy} aria-label={t('resetLinkOf', { name })} onClick={create}>
        {t('resetLink')}
      </Button>
      <Dialog title={t('resetTitle', { name })} open={link !== null} onOpenChange={() => setLink(null)}>
        <p className="text-soft">{t('resetBody', { name })}</p>
        {link && <CopiedText text={link} label={t('resetLinkLabel')} />}
      </Dialog>
    </>
  );
}
