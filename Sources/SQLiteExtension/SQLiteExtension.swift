import CSQLite

@_cdecl("sibyl_register")
func register(_ connection: OpaquePointer?, _ message: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?)
  -> Int32
{
  return SQLITE_OK
}
