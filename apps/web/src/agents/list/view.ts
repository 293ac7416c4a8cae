/** How the agents are shown: as cards, or as rows. */
export type View = 'grid' | 'list';
