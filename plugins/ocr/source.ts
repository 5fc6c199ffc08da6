/** A page to read: where its picture comes from is known, the picture is made when its turn comes. */
export interface Page {
  /** The text that it has already, as text and not as a picture. Then nothing is recognised. */
  readonly text?: string;
  /** Makes its picture. @returns its path, or a path in the workspace. */
  picture(): Promise<Picture>;
}

export interface Picture {
  /** Absolute, or in the workspace, where programs are started. */
  readonly path: string;
  /** Pixels per inch, where it is known. */
  readonly dpi: number | undefined;
  /** Whether it was made for this, and goes when it was read. */
  readonly temporary: boolean;
}

/** What pages come from. */
export interface Source {
  readonly pages: readonly Page[];
  /**
   * The document on which recognised text can be laid, page by page, so that all that it shows stays as it is. Undefined:
   * the new document is made of the pictures.
   */
  readonly document: string | undefined;
}
