/** A name that browsers have and Node has not, for what is generated. */
type BodyInit = NonNullable<RequestInit['body']>;
