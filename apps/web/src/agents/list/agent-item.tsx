import type { Instance } from '@it0/client/chat-source';
import { memo } from 'react';
import { RulesButton } from '../../approvals/rules/rules-button.tsx';
import { ShareButton } from '../../share/share-button.tsx';
import { ManageButton } from '../manage/manage-button.tsx';
import { AgentCard } from './agent-card.tsx';
import type { View } from './view.ts';

type Props = { instance: Instance; isOpen: boolean; view: View };

/** Item of the list of agents: the card that opens the chat, with the actions of the agent. */
export const AgentItem = memo(function AgentItem({ instance, isOpen, view }: Props) {
  const isRow = view === 'list';
  return (
    <li
      className={`flex rounded-xl border border-line bg-panel shadow-(--shadow) transition-[border-color,background] hover:border-line-strong hover:bg-raised has-[[aria-current]]:border-accent has-[[aria-current]]:bg-raised [content-visibility:auto] ${isRow ? 'items-center [contain-intrinsic-size:auto_3.5rem]' : 'flex-col [contain-intrinsic-size:auto_11rem]'}`}
    >
      <AgentCard instance={instance} open={isOpen} view={view} />
      <div
        className={`flex items-center empty:hidden ${isRow ? 'pr-1.5' : 'flex-wrap border-line border-t px-2 py-1'}`}
      >
        {/* Beside a chat, which has the same buttons, there is no space for them. */}
        <div className={isRow ? 'contents @max-md:hidden' : 'contents'}>
          <RulesButton instance={instance} withWords={!isRow} />
          <ShareButton instance={instance} withWords={!isRow} />
        </div>
        <ManageButton instance={instance} className={isRow ? '' : 'ml-auto'} />
      </div>
    </li>
  );
});
