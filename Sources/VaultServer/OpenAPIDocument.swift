/// The description served at `/v1/openapi.json`.
enum OpenAPIDocument {
  static let text = "{}"
}
