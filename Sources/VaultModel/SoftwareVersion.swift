/// The release that daemon and shell are built from.
public enum SoftwareVersion {
  /// Semantic Versioning 2.0.0; below 1.0.0 stored formats may still change.
  public static let current = "0.1.0"
}
