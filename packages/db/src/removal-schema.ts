/** Where a tenant's schema stands while it is being removed: nobody else knows that name. */
export const removalSchema = (schema: string) => `removing_${schema}`;

export const removalUnfinished = 'its removal was begun and not finished; remove it again, and it goes on';
