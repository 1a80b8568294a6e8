/** Something that the operator can mend: its message is all that is shown. */
export class Failure extends Error {}
