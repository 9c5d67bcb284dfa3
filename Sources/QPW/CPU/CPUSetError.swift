/// Why a text is no list of CPUs. Each case quotes the item that is wrong.
public enum CPUSetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The item has none of the forms `3`, `0-3` and `0-15:2/4`.
    case malformed(String)
    /// The range ends before it begins, as in `3-0`.
    case reversed(String)
    /// A CPU id is above 65535.
    case outOfRange(String)
    /// The stride's group is zero or smaller than the part of it to use, as in `0-15:5/4`.
    case badStride(String)

    /// One line that quotes the item and says what would do.
    public var description: String {
        switch self {
        case .malformed(let item):
            "\(item.debugDescription) is not a CPU list item; write 3, 0-3 or 0-15:2/4"
        case .reversed(let item):
            "\(item.debugDescription) is a reversed range; write the lower CPU id first"
        case .outOfRange(let item):
            "\(item.debugDescription) has a CPU id above 65535"
        case .badStride(let item):
            "\(item.debugDescription) uses more than its group; write :used/group with used at most group"
        }
    }
}
