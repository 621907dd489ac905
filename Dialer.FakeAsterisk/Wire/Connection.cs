using System.Net.Sockets;
using System.Text.Json;
using Dialer.Simulation.Calls;

namespace Dialer.Simulation.Wire;

/// <summary>
/// One connection of a client: HTTP, and after an upgrade an event socket that carries requests, too. It reads on a thread of its own;
/// what is sent waits in a buffer until the exchange lets it go, and a client that does not read keeps nobody waiting.
/// </summary>
internal sealed partial class Connection : IDisposable
{
    /// <summary>Asterisk drops a client that is this far behind.</summary>
    private const int LargestBacklog = 64 * 1024 * 1024;

    private readonly Socket _socket;
    private readonly Exchange _exchange;
    private readonly string _authorization;
    private readonly Utf8Text _in = new(64 * 1024);
    private readonly Utf8Text _out = new(64 * 1024);
    private readonly HttpAnswer _overHttp;
    private readonly SocketAnswer _overSocket;
    private int _consumed;
    private bool _isDirty;
    private bool _isEventSocket;
    private volatile bool _isOver;

    public Connection(Socket socket, Exchange exchange, string authorization)
    {
        (_socket, _exchange, _authorization) = (socket, exchange, authorization);
        (_overHttp, _overSocket) = (new HttpAnswer(this), new SocketAnswer(this));
        socket.NoDelay = true;
        socket.Blocking = false;
    }

    /// <summary>Reads until the client, or this side, ends it.</summary>
    public void Run()
    {
        try
        {
            while (!_isOver && _socket.Poll(-1, SelectMode.SelectRead))
            {
                var length = _socket.Receive(_in.Room(16 * 1024), SocketFlags.None, out var error);
                if (length == 0 && error != SocketError.WouldBlock)
                {
                    return;
                }

                _in.Advance(length);
                _exchange.Enter(this);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or FormatException or JsonException or InvalidOperationException)
        {
            // The client is gone, or says what nobody understands: Asterisk, too, ends such a connection.
        }
        finally
        {
            _exchange.Leave(this);
            _socket.Dispose();
        }
    }

    /// <summary>Carries out what is complete of what has arrived.</summary>
    /// <exception cref="FormatException">It is not what this side of ARI understands.</exception>
    public void ReadRequests()
    {
        _consumed = 0;
        while (!_isOver && (_isEventSocket ? ReadFrame() : ReadHttp()))
        {
        }

        _in.Remove(_consumed);
    }

    /// <summary>One text message of the event socket.</summary>
    public void SendText(ReadOnlySpan<byte> text) => SendFrame(Frames.Text, text);

    /// <summary>Sends what the kernel takes; false where some is left, to be offered again.</summary>
    public bool Flush()
    {
        _isDirty = false;
        while (_out.Length > 0)
        {
            var sent = _socket.Send(_out.Written, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock && _out.Length < LargestBacklog)
            {
                // Until it is offered again, more output is only added to it.
                _isDirty = true;
                return false;
            }

            if (error != SocketError.Success)
            {
                _out.Clear();
                _isOver = true;
                break;
            }

            _out.Remove(sent);
        }

        if (_isOver)
        {
            Dispose();
        }

        return true;
    }

    public void Dispose()
    {
        _isOver = true;
        try
        {
            // Wakes the reader, which ends the rest.
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was over already.
        }
    }

    private void SendFrame(byte opcode, ReadOnlySpan<byte> payload)
    {
        Frames.Write(_out, opcode, payload);
        HasOutput();
    }

    private void HasOutput()
    {
        if (!_isDirty)
        {
            _isDirty = true;
            _exchange.IsDirty(this);
        }
    }
}
