/** Writes a line for whoever gave the command. */
export type Print = (line: string) => void;
