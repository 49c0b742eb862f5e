/// Header fields with a meaning of their own here.
public enum HeaderName {
  public static let purpose = "Vault-Purpose"
  public static let reason = "Vault-Reason"
  public static let auditIndex = "Vault-Audit-Index"
  public static let idempotencyKey = "Idempotency-Key"
  public static let ifMatch = "If-Match"
  public static let etag = "ETag"
  public static let location = "Location"
  public static let authorization = "Authorization"
  public static let retryAfter = "Retry-After"
  public static let allow = "Allow"
  public static let contentType = "Content-Type"
}

public enum MediaType {
  public static let json = "application/json"
  public static let problem = "application/problem+json"
  public static let mergePatch = "application/merge-patch+json"
  public static let octets = "application/octet-stream"
  /// Checkpoints and other notes (C2SP signed-note).
  public static let note = "text/plain; charset=utf-8"
  public static let metrics = "text/plain; version=0.0.4; charset=utf-8"
}
