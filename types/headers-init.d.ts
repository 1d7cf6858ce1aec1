// The types of @modelcontextprotocol/sdk name this one of the DOM, which Node's do not have.
type HeadersInit = NonNullable<RequestInit["headers"]>;
