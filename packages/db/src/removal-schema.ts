/** Returns the name of a tenant's schema during its removal. No other code uses the schema by this name. */
export const toRemovalSchema = (schema: string) => `removing_${schema}`;

/** Problem of a tenant whose removal was interrupted. */
export const REMOVAL_UNFINISHED = 'its removal was interrupted; remove it again to finish';
